//! `cedar-policy`, for the one question of the workload that it is made for: whether a
//! role's authority covers a sum.
//!
//! Policy, schema, roles and requests are parsed and validated beforehand; a decision is
//! one call of `is_authorized`. One policy that reads the limit from the role is quicker
//! than a policy for each role, since Cedar evaluates every policy of the set.

use std::collections::{HashMap, HashSet};

use anyhow::{Context as _, Result, ensure};
use cedar_policy::{
    Authorizer, Context, Decision, Entities, Entity, EntityUid, PolicySet, Request,
    RestrictedExpression, Schema, ValidationMode, Validator,
};
use redress_workload::plain::{self, Outcome};
use redress_workload::{Flight, Role};

const POLICY: &str = include_str!("../policies/authority.cedar");
const SCHEMA: &str = include_str!("../policies/authority.cedarschema");

/// The authority question.
pub struct Authority {
    authorizer: Authorizer,
    policies: PolicySet,
    roles: Entities,
    schema: Schema,
    action: EntityUid,
    resource: EntityUid,
}

impl Authority {
    /// Parses and validates policy, schema and roles.
    ///
    /// # Errors
    /// When one of them is not valid.
    pub fn new() -> Result<Self> {
        let (schema, _) = Schema::from_cedarschema_str(SCHEMA)?;
        let policies: PolicySet = POLICY.parse()?;
        let checked = Validator::new(schema.clone()).validate(&policies, ValidationMode::Strict);
        ensure!(checked.validation_passed(), "the policy is not valid");
        let mut roles = Vec::new();
        for (role, limit_minor) in plain::LIMITS_MINOR {
            let limit = RestrictedExpression::new_long(limit_minor);
            let attributes = HashMap::from([("limit_minor".to_owned(), limit)]);
            roles.push(Entity::new(principal(role)?, attributes, HashSet::new())?);
        }
        Ok(Self {
            authorizer: Authorizer::new(),
            roles: Entities::from_entities(roles, Some(&schema))?,
            policies,
            schema,
            action: "Action::\"release_goodwill\"".parse()?,
            resource: "Case::\"1\"".parse()?,
        })
    }

    /// The question whether `role` may release the goodwill of `flight`.
    ///
    /// # Errors
    /// When the request does not fit the schema.
    pub fn request(&self, flight: &Flight, role: Role) -> Result<Request> {
        let goodwill_minor = plain::decide(flight).goodwill_minor;
        let context = Context::from_pairs([
            (
                "authenticated".to_owned(),
                RestrictedExpression::new_bool(true),
            ),
            (
                "goodwill_minor".to_owned(),
                RestrictedExpression::new_long(goodwill_minor),
            ),
        ])?;
        let (action, resource) = (self.action.clone(), self.resource.clone());
        Request::new(
            principal(role)?,
            action,
            resource,
            context,
            Some(&self.schema),
        )
        .context("the request does not fit the schema")
    }

    /// Asks.
    #[must_use]
    pub fn allows(&self, request: &Request) -> bool {
        let answer = self
            .authorizer
            .is_authorized(request, &self.policies, &self.roles);
        answer.decision() == Decision::Allow
    }

    /// Holds Cedar to the plain function: the actor's own role, and for every role
    /// whether it covers the sum.
    ///
    /// # Errors
    /// When an answer differs.
    pub fn check(&self, flights: &[Flight]) -> Result<()> {
        for flight in flights {
            let answer = plain::decide(flight);
            let own = self.allows(&self.request(flight, flight.role)?);
            ensure!(own == (answer.outcome == Outcome::Grant), "{flight:?}");
            for role in Role::ALL {
                let covers = self.allows(&self.request(flight, role)?);
                ensure!(covers == (answer.required <= role), "{role:?} {flight:?}");
            }
        }
        Ok(())
    }
}

fn principal(role: Role) -> Result<EntityUid> {
    Ok(format!("Role::\"{}\"", role.name()).parse()?)
}
