//! The Merkle tree of RFC 6962 over a handful of leaves: root, paths, inclusion.
//!
//! Built level by level from the leaves. A node without a right neighbour rises unchanged, which
//! gives the same tree as the RFC's recursive definition (split at the largest power of two).

use super::hash::Hash;
use sha2::{Digest, Sha256};

/// The hash of a leaf; the leading byte separates it from [`node`]'s.
pub fn leaf(content: &[u8]) -> Hash {
    let mut hasher = Sha256::new();
    hasher.update([0]);
    hasher.update(content);
    hasher.finalize().into()
}

/// The hash of an inner node.
pub fn node(left: &Hash, right: &Hash) -> Hash {
    let mut hasher = Sha256::new();
    hasher.update([1]);
    hasher.update(left);
    hasher.update(right);
    hasher.finalize().into()
}

/// A whole tree, kept as its levels: the leaves first, the root alone in the last.
pub struct Tree {
    levels: Vec<Vec<Hash>>,
}

impl Tree {
    /// Builds the tree over the hashes of leaves: one hash a node, so linear in their number.
    pub fn new(leaves: Vec<Hash>) -> Self {
        let mut levels = vec![leaves];
        while let Some(below) = levels.last().filter(|level| level.len() > 1) {
            let above = below.chunks(2).map(|pair| match pair {
                [left, right] => node(left, right),
                [alone, ..] => *alone,
                [] => unreachable!("chunks are never empty"),
            });
            let above = above.collect();
            levels.push(above);
        }
        Self { levels }
    }

    /// The root; `None` without leaves.
    pub fn root(&self) -> Option<Hash> {
        self.levels.last()?.first().copied()
    }

    /// The hashes that lead from leaf `index` to the root, the leaf's neighbour first.
    pub fn path(&self, index: usize) -> Vec<Hash> {
        let neighbour =
            |(height, level): (usize, &Vec<Hash>)| level.get((index >> height) ^ 1).copied();
        self.levels.iter().enumerate().filter_map(neighbour).collect()
    }
}

/// The root that `path` leads to from leaf `index` of `size`; `None` if the path does not have
/// exactly the hashes that such a leaf needs, or there is no such leaf.
pub fn climb(leaf: Hash, mut index: u64, size: u64, path: &[Hash]) -> Option<Hash> {
    if index >= size {
        return None;
    }
    let (mut last, mut path, mut hash) = (size - 1, path.iter(), leaf);
    while last > 0 {
        if index % 2 == 1 {
            hash = node(path.next()?, &hash);
        } else if index < last {
            hash = node(&hash, path.next()?);
        }
        (index, last) = (index / 2, last / 2);
    }
    path.next().is_none().then_some(hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6962 §2.1, word for word.
    fn naive_root(leaves: &[Hash]) -> Hash {
        match leaves {
            [] => unreachable!("not asked"),
            [alone] => *alone,
            _ => {
                let (left, right) = leaves.split_at(split(leaves.len()));
                node(&naive_root(left), &naive_root(right))
            }
        }
    }

    /// RFC 6962 §2.1.1, word for word.
    fn naive_path(index: usize, leaves: &[Hash]) -> Vec<Hash> {
        if leaves.len() == 1 {
            return Vec::new();
        }
        let split = split(leaves.len());
        let (left, right) = leaves.split_at(split);
        let (mut path, sibling) = if index < split {
            (naive_path(index, left), naive_root(right))
        } else {
            (naive_path(index - split, right), naive_root(left))
        };
        path.push(sibling);
        path
    }

    fn split(count: usize) -> usize {
        count.next_power_of_two() / 2
    }

    #[test]
    fn the_tree_is_that_of_rfc_6962_for_every_size() {
        let leaves: Vec<Hash> = (0..130u16).map(|no| leaf(&no.to_be_bytes())).collect();
        for size in 1..=leaves.len() {
            let leaves = &leaves[..size];
            let tree = Tree::new(leaves.to_vec());
            assert_eq!(tree.root(), Some(naive_root(leaves)), "root of {size}");
            for index in 0..size {
                assert_eq!(tree.path(index), naive_path(index, leaves), "{index} of {size}");
            }
        }
    }

    #[test]
    fn a_leaf_is_found_at_its_place_and_at_no_other() {
        let leaves: Vec<Hash> = (0..33u16).map(|no| leaf(&no.to_be_bytes())).collect();
        for size in 1..=leaves.len() {
            let tree = Tree::new(leaves[..size].to_vec());
            for (index, leaf) in leaves[..size].iter().enumerate() {
                let path = tree.path(index);
                for claimed in 0..size as u64 + 2 {
                    let root = climb(*leaf, claimed, size as u64, &path);
                    let found = root.is_some() && root == tree.root();
                    assert_eq!(found, claimed == index as u64, "{index} as {claimed} of {size}");
                }
            }
        }
    }

    /// The published vectors of RFC 6962's reference implementation.
    #[test]
    fn the_published_vectors_hold() {
        let leaves = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657"]
            .map(|content| leaf(&hex::decode(content).unwrap()));
        for (size, root) in [
            (1, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"),
            (2, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"),
            (3, "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"),
            (4, "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"),
            (5, "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4"),
            (6, "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef"),
            (7, "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"),
        ] {
            let tree = Tree::new(leaves[..size].to_vec());
            assert_eq!(hex::encode(tree.root().unwrap()), root, "{size} leaves");
        }
    }

    #[test]
    fn a_path_too_short_or_too_long_leads_nowhere() {
        let leaves: Vec<Hash> = (0..5u16).map(|no| leaf(&no.to_be_bytes())).collect();
        let path = Tree::new(leaves.clone()).path(2);
        assert_eq!(climb(leaves[2], 2, 5, &path[1..]), None);
        assert_eq!(climb(leaves[2], 2, 5, &[path.clone(), path].concat()), None);
        assert_eq!(climb(leaves[0], 0, 0, &[]), None);
        assert_eq!(climb(leaves[0], u64::MAX - 1, u64::MAX, &[]), None);
    }
}
