//! How an answer goes out: whole, in parts that wait for GET RESPONSE, or bent by a quirk.

use sgp22::apdu::{Command, Le, Response, StatusWord};
use sgp22::store_data;

use super::VirtualCard;
use super::iso::Refresh;
use super::quirk::Quirk;

impl VirtualCard {
    /// An answer of the ISD-R as a broken card gives it.
    pub(super) fn distorted(&self, mut answer: Vec<u8>) -> Vec<u8> {
        let quirks = &self.state.quirks;
        if quirks.has(Quirk::Garbage) {
            return b"\xFF\xFF\xFFgarbage".to_vec();
        }
        if quirks.has(Quirk::DeepNesting) {
            return (0..40_000u32)
                .rev()
                .flat_map(|below| {
                    let [_, length @ ..] = (below * 6).to_be_bytes();
                    [&[0xBF][..], &[0x2D, 0x83], &length].concat()
                })
                .collect();
        }
        if quirks.has(Quirk::Truncated) {
            answer.pop();
        }
        if quirks.has(Quirk::Overlong) {
            answer.push(0x00);
        }
        answer
    }

    /// Gives as much of an answer as the command asked for, and announces the rest.
    pub(super) fn deliver(&mut self, command: &Command, index: usize, data: Vec<u8>) -> Response {
        let quirks = &self.state.quirks;
        let room = match command.le {
            Le::Absent => 0,
            _ if quirks.has(Quirk::OnlyGetResponse) && !command.data.is_empty() => 0,
            Le::Max => 256,
            Le::Exactly(le) => usize::try_from(le).unwrap_or(usize::MAX),
        };
        if command.ins == store_data::INS && !data.is_empty() {
            if quirks.has(Quirk::EmptyAnswers) {
                return Response::status(StatusWord(0x6110));
            }
            if quirks.has(Quirk::Endless) {
                return Response { data: vec![0x55; room.min(256)], status: StatusWord(0x6100) };
            }
            if quirks.has(Quirk::Trickle) {
                return Response::status(StatusWord(0x6101));
            }
        }
        self.volatile.channels[index].waiting = data;
        self.part(index, room)
    }

    pub(super) fn get_response(&mut self, command: &Command, index: usize) -> Response {
        let quirks = &self.state.quirks;
        if command.cla & 0x80 == 0 && quirks.has(Quirk::GetResponseClass) {
            return Response::status(StatusWord::WRONG_CLA);
        }
        if quirks.has(Quirk::EmptyAnswers) {
            return Response::status(StatusWord(0x6110));
        }
        if quirks.has(Quirk::Endless) {
            return Response { data: vec![0x55; 256], status: StatusWord(0x6100) };
        }
        if quirks.has(Quirk::Trickle) {
            return Response { data: vec![0x55], status: StatusWord(0x6101) };
        }
        let waiting = self.volatile.channels[index].waiting.len();
        if waiting == 0 {
            return Response::status(StatusWord::CONDITIONS_NOT_SATISFIED);
        }
        match command.le {
            Le::Absent => Response::status(StatusWord::WRONG_LENGTH),
            Le::Max => self.part(index, 256),
            // Asked for more than there is: the card says how much.
            Le::Exactly(le) if le as usize > waiting => Response::status(StatusWord::new(0x6C, announced(waiting))),
            Le::Exactly(le) => self.part(index, le as usize),
        }
    }

    /// Up to `room` bytes of what waits on the channel.
    fn part(&mut self, index: usize, room: usize) -> Response {
        let waiting = &mut self.volatile.channels[index].waiting;
        let rest = waiting.split_off(room.min(waiting.len()));
        let data = std::mem::replace(waiting, rest);
        let status = match waiting.len() {
            0 if self.volatile.refresh == Refresh::Announced => StatusWord::new(0x91, 0x0B),
            0 => StatusWord::OK,
            left => StatusWord::new(0x61, announced(left)),
        };
        Response { data, status }
    }
}

/// A count of waiting bytes as SW2: `00` for 256 and more.
fn announced(count: usize) -> u8 {
    u8::try_from(count).unwrap_or(0)
}
