//! Asking a node for its objects.

use std::time::{Duration, Instant};

use canopen_rs::sdo::{SdoClient, SdoEvent};
use canopen_rs::{Address, ByteString, DataType, NodeId, Value};
use voltower_gateway::can::{Connection, ConnectionError};
use voltower_protocols::Frame;
use voltower_protocols::can::StandardId;
use voltower_protocols::canopen::Abort;

/// How long a node may take for each frame.
const THINKS: Duration = Duration::from_millis(500);

/// Why an object was not read or written.
#[derive(Debug)]
pub(super) enum Trouble {
    /// The node, or the way there, is silent.
    Silent,
    /// The node refuses.
    Refused(u32),
    /// The value is longer than any object of ours.
    TooLong,
    /// The bus has gone or does not send.
    Bus(ConnectionError),
}

impl Trouble {
    /// In words, for `node`.
    pub(super) fn words(&self, node: &str) -> String {
        match self {
            Self::Silent => format!("{node} does not answer within {} ms", THINKS.as_millis()),
            Self::Refused(code) => match Abort::from_code(*code) {
                Some(abort) => format!("{node} refuses: {} (abort code {code:#010x})", abort.words()),
                None => format!("{node} refuses with abort code {code:#010x}"),
            },
            Self::TooLong => "the value is too long for an object of this bus".to_owned(),
            Self::Bus(error) => error.to_string(),
        }
    }
}

/// The bytes of an object.
pub(super) fn read(connection: &mut Connection, node: u8, index: u16, sub: u8) -> Result<Vec<u8>, Trouble> {
    let address = Address::new(index, sub);
    // Whatever type the object has: its bytes.
    let value = ask(connection, node, address, |client| client.read(address, DataType::OctetString))?;
    match value {
        Some(Value::OctetString(bytes)) => Ok(bytes.as_bytes().to_vec()),
        _ => Ok(Vec::new()),
    }
}

/// Writes the bytes of an object.
pub(super) fn write(
    connection: &mut Connection,
    node: u8,
    (index, sub): (u16, u8),
    bytes: &[u8],
) -> Result<(), Trouble> {
    let address = Address::new(index, sub);
    let value = Value::OctetString(ByteString::from_bytes(bytes).map_err(|_| Trouble::TooLong)?);
    ask(connection, node, address, |client| client.write(address, value)).map(drop)
}

fn ask(
    connection: &mut Connection,
    node: u8,
    address: Address,
    begin: impl FnOnce(&mut SdoClient) -> [u8; 8],
) -> Result<Option<Value>, Trouble> {
    let mut client = SdoClient::new(NodeId::new(node).map_err(|_| Trouble::Silent)?);
    let mut request = begin(&mut client);
    let mut first = true;
    loop {
        let Some(id) = StandardId::new(client.request_cob_id()) else { return Err(Trouble::Silent) };
        connection.send(&Frame::full(id, request)).map_err(Trouble::Bus)?;
        let expected = first.then_some(address);
        let answer = answer(connection, client.response_cob_id(), expected)?;
        first = false;
        match client.on_response(&answer) {
            SdoEvent::Send(next) => request = next,
            SdoEvent::Complete(value) => return Ok(value),
            SdoEvent::Aborted(code) => return Err(Trouble::Refused(code)),
        }
    }
}

/// The next answer on `cob_id`; of the first one, only that about `address`: another may come late.
fn answer(connection: &mut Connection, cob_id: u16, address: Option<Address>) -> Result<[u8; 8], Trouble> {
    let until = Instant::now() + THINKS;
    loop {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(Trouble::Silent);
        }
        let Some(heard) = connection.receive(left).map_err(Trouble::Bus)? else { continue };
        if heard.frame.standard_id() == Some(cob_id)
            && let Some(bytes) = heard.frame.eight()
            && address.is_none_or(|address| is_about(bytes, address))
        {
            return Ok(*bytes);
        }
    }
}

fn is_about(&[_, low, high, sub, ..]: &[u8; 8], address: Address) -> bool {
    (u16::from_le_bytes([low, high]), sub) == (address.index, address.subindex)
}
