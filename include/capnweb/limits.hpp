// limits.hpp: what an untrusted peer may use.
#pragma once

#include <cstddef>
#include <cstdint>

namespace capnweb {

// Local to each side and never negotiated: the peer is not told (L-7). A violation ends the session
// (or the call, where that is enough) with an error that names the limit. kUnlimited switches a
// limit off.
struct Limits {
  static constexpr std::size_t kUnlimited = static_cast<std::size_t>(-1);

  // All of them switched off, but for the depth: for a peer that is a part of this very program.
  static constexpr Limits none() noexcept;

  // UTF-16 code units of one message's text, the reference's measure (L-1).
  std::size_t max_message_size = 32 * 1024 * 1024;
  // Levels of nesting of the values in a message (L-2). The reference's default.
  std::size_t max_depth = 256;
  // Characters of a bigint's text, the sign included (V-15).
  std::size_t max_bigint_digits = 16384;
  // Entries of the export table: results the peer has not released, and capabilities it holds; and
  // answers that are owed for results it has released. Over it, pushes of the peer end the session;
  // calls and results of ours that would offer it more are rejected.
  std::size_t max_exports = 100'000;
  // Entries of the import table: results we wait for, and capabilities we hold. Over it, what the
  // peer offers ends the session; our own calls are rejected.
  std::size_t max_imports = 100'000;
  // Bytes of streams that wait to be read here, and of Blobs that are being collected, of all
  // streams of the session together. Over it a stream fails; an honest writer stops long before.
  // In a batch, also what streams may send, since nobody can acknowledge it.
  std::size_t max_stream_buffer = 64 * 1024 * 1024;
  // What one map() of the peer's may do here: its instructions times the elements, those of the
  // maps inside of it included. An instruction counts once, and once more for each 256 bytes of its
  // text. A map that needs more is rejected before it calls anything.
  std::size_t max_map_steps = 100'000;
  // Calls of the peer that are under way when their message has been handled: handlers that are
  // suspended, with the tasks that they started before, and calls that wait for promises. Answered
  // calls do not count; those do whose result the peer has released already (M-25). Over it, calls
  // are rejected.
  std::size_t max_calls = 10'000;
  // Bytes of the copies that the peer holds of properties it has read and of elements its maps have
  // gone over, about. Few short messages can read the same large property again and again. Over it,
  // reads are rejected, until the peer has released some.
  std::size_t max_copies = 128 * 1024 * 1024;
  // Bytes of answers that wait for the transport to take them, which a WebSocket does once a turn
  // and a batch at its end. With more than that waiting, results are not sent, but rejected: few
  // short messages of the peer can ask for the same large result again and again.
  std::size_t max_unsent_answers = 64 * 1024 * 1024;
  // Bytes of messages that the peer has not taken yet, those from before the connection stands
  // among them. With more than that waiting, calls of ours fail: for programs that call for others,
  // who could pile them up.
  std::size_t max_unsent = kUnlimited;
};

constexpr Limits Limits::none() noexcept {
  return {.max_message_size = kUnlimited,
          .max_bigint_digits = kUnlimited,
          .max_exports = kUnlimited,
          .max_imports = kUnlimited,
          .max_stream_buffer = kUnlimited,
          .max_map_steps = kUnlimited,
          .max_calls = kUnlimited,
          .max_copies = kUnlimited,
          .max_unsent_answers = kUnlimited,
          .max_unsent = kUnlimited};
}

}  // namespace capnweb
