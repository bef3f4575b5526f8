//! The node's SDO server, through the node: expedited and segmented transfer against the client of `canopen-rs`,
//! block transfer against a client written here by CiA 301, and frames that no client sends.

mod block;
mod block_client;
mod plain;
mod random;
mod rig;
mod silence;
