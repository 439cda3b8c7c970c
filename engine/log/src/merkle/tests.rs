use std::collections::BTreeMap;

use proptest::prelude::*;
use redress_model::Digest;

use super::*;

/// RFC 6962, section 2.1, word for word: the definition that everything is held to.
fn naive_root(leaves: &[Vec<u8>]) -> Digest {
    match leaves {
        [] => Digest::of(b""),
        [leaf] => Digest::of(&[&[0], leaf.as_slice()].concat()),
        _ => {
            let (left, right) = leaves.split_at(naive_split(leaves.len()));
            let (left, right) = (naive_root(left), naive_root(right));
            Digest::of(&[&[1], left.bytes().as_slice(), right.bytes()].concat())
        }
    }
}

/// The largest power of two smaller than `length`.
fn naive_split(length: usize) -> usize {
    (0..)
        .map(|power| 1 << power)
        .take_while(|k| *k < length)
        .last()
        .unwrap()
}

/// RFC 6962, section 2.1.1.
fn naive_path(index: usize, leaves: &[Vec<u8>]) -> Vec<Digest> {
    if leaves.len() == 1 {
        return Vec::new();
    }
    let k = naive_split(leaves.len());
    let (left, right) = leaves.split_at(k);
    let (mut path, sibling) = if index < k {
        (naive_path(index, left), naive_root(right))
    } else {
        (naive_path(index - k, right), naive_root(left))
    };
    path.push(sibling);
    path
}

/// RFC 6962, section 2.1.2.
fn naive_subproof(old: usize, leaves: &[Vec<u8>], whole: bool) -> Vec<Digest> {
    if old == leaves.len() {
        return if whole {
            Vec::new()
        } else {
            vec![naive_root(leaves)]
        };
    }
    let k = naive_split(leaves.len());
    let (left, right) = leaves.split_at(k);
    let (mut proof, sibling) = if old <= k {
        (naive_subproof(old, left, whole), naive_root(right))
    } else {
        (naive_subproof(old - k, right, false), naive_root(left))
    };
    proof.push(sibling);
    proof
}

fn leaves(count: usize) -> Vec<Vec<u8>> {
    (0..count)
        .map(|index| format!("leaf {index}").into_bytes())
        .collect()
}

fn size(leaves: &[Vec<u8>]) -> u64 {
    leaves.len().try_into().unwrap()
}

fn grown(leaves: &[Vec<u8>]) -> (Frontier, BTreeMap<NodeId, Digest>) {
    let (mut frontier, mut nodes) = (Frontier::new(), BTreeMap::new());
    for leaf in leaves {
        frontier.append_nodes(leaf_hash(leaf), |node| {
            assert!(
                nodes.insert(node.id, node.hash).is_none(),
                "a node is made once"
            );
        });
    }
    (frontier, nodes)
}

/// Makes a proof from stored nodes and from one pass, which must agree.
#[track_caller]
fn proof(plan: &Plan, leaves: &[Vec<u8>], nodes: &BTreeMap<NodeId, Digest>) -> Vec<Digest> {
    let stored = plan.proof(nodes).unwrap();
    let mut collector = Collector::new(plan);
    for leaf in leaves {
        collector.leaf(leaf_hash(leaf));
    }
    assert_eq!(collector.finish().unwrap(), stored);
    stored
}

const fn ceil_log2(n: u64) -> u32 {
    n.next_power_of_two().trailing_zeros()
}

#[track_caller]
fn digest(hex: &str) -> Digest {
    Digest::from_hex(hex).unwrap()
}

#[test]
fn many_leaves_are_hashed_as_one_is() {
    // Enough for threads of their own, of lengths that a part does not divide evenly.
    let leaf = |number: usize| vec![u8::try_from(number % 251).unwrap(); number % 3_001];
    let leaves: Vec<_> = (0..4_001).map(leaf).collect();
    let leaves: Vec<&[u8]> = leaves.iter().map(Vec::as_slice).collect();
    for leaves in [&leaves[..], &leaves[..3], &leaves[..0]] {
        let one_by_one: Vec<_> = leaves.iter().map(|leaf| leaf_hash(leaf)).collect();
        assert_eq!(leaf_hashes(leaves), one_by_one);
    }
}

/// The leaves and roots that implementations of RFC 6962 test each other with (they stem
/// from the Certificate Transparency reference code).
#[test]
fn the_public_test_vectors() {
    let leaves: Vec<Vec<u8>> = vec![
        vec![],
        vec![0x00],
        vec![0x10],
        vec![0x20, 0x21],
        vec![0x30, 0x31],
        vec![0x40, 0x41, 0x42, 0x43],
        (0x50..0x58).collect(),
        (0x60..0x70).collect(),
    ];
    let roots = [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];
    assert_eq!(
        Frontier::new().root(),
        digest("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    );
    for (count, root) in (1..).zip(roots) {
        assert_eq!(
            grown(&leaves[..count]).0.root(),
            digest(root),
            "{count} leaves"
        );
    }
    let (_, nodes) = grown(&leaves);
    let inclusion: [(u64, u64, &[&str]); 4] = [
        (
            0,
            8,
            &[
                "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
            ],
        ),
        (
            5,
            8,
            &[
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            ],
        ),
        (
            2,
            3,
            &["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
        ),
        (
            1,
            5,
            &[
                "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            ],
        ),
    ];
    for (index, size, expected) in inclusion {
        let expected: Vec<Digest> = expected.iter().map(|hex| digest(hex)).collect();
        assert_eq!(
            Plan::inclusion(index, size).unwrap().proof(&nodes).unwrap(),
            expected
        );
    }
    let consistency: [(u64, u64, &[&str]); 4] = [
        (1, 1, &[]),
        (
            6,
            8,
            &[
                "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
                "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            ],
        ),
        (
            2,
            5,
            &[
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            ],
        ),
        (
            6,
            7,
            &[
                "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
                "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f",
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            ],
        ),
    ];
    for (old, new, expected) in consistency {
        let expected: Vec<Digest> = expected.iter().map(|hex| digest(hex)).collect();
        assert_eq!(
            Plan::consistency(old, new).unwrap().proof(&nodes).unwrap(),
            expected
        );
        let root = |size: u64| digest(roots[usize::try_from(size).unwrap() - 1]);
        verify_consistency(old, new, &root(old), &root(new), &expected).unwrap();
    }
}

/// Every leaf of every tree up to 70 leaves, and every older tree of it.
#[test]
fn small_trees_agree_with_the_definition_of_the_rfc() {
    let all = leaves(70);
    for count in 1..=all.len() {
        let leaves = &all[..count];
        let (frontier, nodes) = grown(leaves);
        let root = naive_root(leaves);
        assert_eq!(frontier.root(), root, "{count} leaves");
        assert_eq!(Frontier::from_bytes(&frontier.to_bytes()), Ok(frontier));
        for index in 0..count {
            let (at, size) = (index.try_into().unwrap(), size(leaves));
            let path = proof(&Plan::inclusion(at, size).unwrap(), leaves, &nodes);
            assert_eq!(path, naive_path(index, leaves), "leaf {index} of {count}");
            let hashes: u32 = path.len().try_into().unwrap();
            assert!(
                hashes <= ceil_log2(size),
                "{hashes} hashes for {count} leaves"
            );
            verify_inclusion(&leaf_hash(&leaves[index]), at, size, &path, &root).unwrap();
        }
        for old in 1..=count {
            let (from, size) = (old.try_into().unwrap(), size(leaves));
            let path = proof(&Plan::consistency(from, size).unwrap(), leaves, &nodes);
            assert_eq!(path, naive_subproof(old, leaves, true), "{old} of {count}");
            let hashes: u32 = path.len().try_into().unwrap();
            assert!(
                hashes <= ceil_log2(size) + 1,
                "{hashes} hashes for {count} leaves"
            );
            verify_consistency(from, size, &naive_root(&leaves[..old]), &root, &path).unwrap();
        }
    }
}

#[test]
fn a_tree_that_does_not_exist_has_no_proof() {
    assert_eq!(Plan::inclusion(0, 0), None);
    assert_eq!(Plan::inclusion(8, 8), None);
    assert_eq!(Plan::consistency(9, 8), None);
    assert!(Plan::consistency(0, 8).unwrap().ranges().is_empty());
    let plan = Plan::inclusion(0, 2).unwrap();
    let error = plan.proof(&BTreeMap::new()).unwrap_err();
    assert_eq!(
        (error.id, error.code()),
        (NodeId { level: 0, index: 1 }, "missing_node")
    );
    assert_eq!(Collector::new(&plan).finish(), None, "too few leaves");
    for bytes in [&[0; 7][..], &[0; 9], &[0; 40], &u64::MAX.to_be_bytes()] {
        assert_eq!(
            Frontier::from_bytes(bytes).unwrap_err().code(),
            "bad_frontier"
        );
    }
}

#[test]
fn equal_and_empty_trees_need_no_proof() {
    let (a, b) = (Digest::of(b"a"), Digest::of(b"b"));
    assert_eq!(verify_consistency(4, 4, &a, &a, &[]), Ok(()));
    assert_eq!(verify_consistency(4, 4, &a, &b, &[]), Err(ProofError::Root));
    assert_eq!(
        verify_consistency(4, 4, &a, &a, &[b]),
        Err(ProofError::Length { hashes: 1 })
    );
    assert_eq!(verify_consistency(0, 4, &empty_root(), &a, &[]), Ok(()));
    assert_eq!(
        verify_consistency(0, 4, &b, &a, &[]),
        Err(ProofError::OldRoot)
    );
    assert_eq!(
        verify_consistency(0, 4, &empty_root(), &a, &[b]),
        Err(ProofError::Length { hashes: 1 })
    );
    assert_eq!(
        verify_consistency(5, 4, &a, &b, &[]),
        Err(ProofError::Shrunk { old: 5, new: 4 })
    );
    assert_eq!(
        verify_inclusion(&a, 4, 4, &[], &a),
        Err(ProofError::BeyondTree { index: 4, size: 4 })
    );
    assert_eq!(verify_inclusion(&a, 0, 1, &[], &a), Ok(()));
}

#[test]
fn places_at_the_end_of_the_numbers_are_refused_without_overflow() {
    let hash = Digest::of(b"a");
    let proof = [hash; 64];
    for index in [0, 1, u64::MAX - 2, u64::MAX - 1] {
        assert!(verify_inclusion(&hash, index, u64::MAX, &proof, &hash).is_err());
        assert!(verify_consistency(index, u64::MAX, &hash, &hash, &proof).is_err());
        assert!(Plan::inclusion(index, u64::MAX).unwrap().ranges().len() <= 64);
        assert!(Plan::consistency(index, u64::MAX).unwrap().nodes().count() > 0 || index == 0);
    }
}

proptest! {
    #[test]
    fn larger_trees_agree_with_the_definition_of_the_rfc(
        count in 1_usize..600, index: prop::sample::Index, old: prop::sample::Index
    ) {
        let leaves = leaves(count);
        let (frontier, nodes) = grown(&leaves);
        let root = naive_root(&leaves);
        prop_assert_eq!(frontier.root(), root);
        let index = index.index(count);
        let old = old.index(count) + 1;
        let plan = Plan::inclusion(index.try_into().unwrap(), size(&leaves)).unwrap();
        prop_assert_eq!(proof(&plan, &leaves, &nodes), naive_path(index, &leaves));
        let plan = Plan::consistency(old.try_into().unwrap(), size(&leaves)).unwrap();
        prop_assert_eq!(proof(&plan, &leaves, &nodes), naive_subproof(old, &leaves, true));
    }

    /// A proof that is changed in any way shows nothing.
    #[test]
    fn a_changed_proof_does_not_hold(
        count in 2_usize..300, index: prop::sample::Index, old: prop::sample::Index,
        at: prop::sample::Index, bit in 0_usize..256, way in 0..6,
    ) {
        let leaves = leaves(count);
        let (_, nodes) = grown(&leaves);
        let (root, size) = (naive_root(&leaves), size(&leaves));
        let index: u64 = index.index(count).try_into().unwrap();
        let old = old.index(count - 1) + 1;
        let old_root = naive_root(&leaves[..old]);
        let old: u64 = old.try_into().unwrap();
        let leaf = leaf_hash(&leaves[usize::try_from(index).unwrap()]);
        let change = |proof: &mut Vec<Digest>| {
            let place = at.index(proof.len() + 1);
            match way {
                0 => proof.insert(place, root),
                1 => proof.insert(place, leaf),
                2 | 3 if proof.is_empty() => proof.push(root),
                2 => { proof.remove(place.min(proof.len() - 1)); }
                3 if proof.len() > 1 && proof[0] != proof[1] => proof.swap(0, 1),
                _ if proof.is_empty() => proof.push(root),
                _ => {
                    let place = place.min(proof.len() - 1);
                    let mut bytes = *proof[place].bytes();
                    bytes[bit / 8] ^= 1 << (bit % 8);
                    proof[place] = Digest::from_bytes(bytes);
                }
            }
        };
        let mut path = Plan::inclusion(index, size).unwrap().proof(&nodes).unwrap();
        change(&mut path);
        prop_assert!(verify_inclusion(&leaf, index, size, &path, &root).is_err());
        let mut path = Plan::consistency(old, size).unwrap().proof(&nodes).unwrap();
        change(&mut path);
        prop_assert!(verify_consistency(old, size, &old_root, &root, &path).is_err());
    }

    /// Neither does a proof of something else.
    #[test]
    fn a_proof_holds_for_its_own_place_and_size_alone(
        count in 2_u64..200, index: prop::sample::Index, other in 0_u64..256
    ) {
        let leaves = leaves(count.try_into().unwrap());
        let (_, nodes) = grown(&leaves);
        let root = naive_root(&leaves);
        let at = index.index(leaves.len());
        let leaf = leaf_hash(&leaves[at]);
        let index: u64 = at.try_into().unwrap();
        let path = Plan::inclusion(index, count).unwrap().proof(&nodes).unwrap();
        if other != index {
            prop_assert!(verify_inclusion(&leaf, other, count, &path, &root).is_err());
        }
    }

    #[test]
    fn arbitrary_frontiers_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(frontier) = Frontier::from_bytes(&bytes) {
            prop_assert_eq!(frontier.to_bytes(), bytes);
        }
    }
}
