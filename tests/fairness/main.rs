//! Like cases alike: the stories, and what no order of arrival, no name and no mistake moves.

mod attacks;
mod desk;
mod fronts;
mod interference;
mod leapfrog;
mod lineage;
mod properties;
mod stores;
mod stories;
mod twelve;
