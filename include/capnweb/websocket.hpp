// websocket.hpp: what can be set about WebSocket connections, on both sides.
#pragma once

#include <chrono>
#include <cstddef>

namespace capnweb {

// Every time and size is one connection's.
struct WebSocketOptions {
  // A peer that has been silent for `ping_after` is sent a ping; if it stays silent for
  // `pong_within`, the connection is given up. Together under the minute after which proxies cut
  // idle connections. ping_after 0: no pings.
  std::chrono::milliseconds ping_after{20'000};
  std::chrono::milliseconds pong_within{20'000};
  // How long the peer may take to answer a close frame.
  std::chrono::milliseconds close_within{5'000};
  // While output waits, how long the peer may take none of it. Then: close code 1013.
  std::chrono::milliseconds stalled_after{30'000};
  // Accepting side only (if both sides did it, both could wait for ever): while this many bytes
  // wait for a peer that does not read, its messages are not read either...
  std::size_t pause_reading_at = 1024 * 1024;
  // ...until no more than these are left.
  std::size_t resume_reading_at = 256 * 1024;
  // Accepting side only: with more bytes waiting the connection is given up, 1013. The message that
  // is being sent does not count.
  std::size_t max_unsent = 64 * 1024 * 1024;
};

}  // namespace capnweb
