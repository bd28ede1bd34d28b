// batch.hpp: calls over HTTP requests.
#pragma once

#include <capnweb/session.hpp>
#include <capnweb/value.hpp>
#include <chrono>
#include <cstddef>

namespace capnweb {

struct BatchOptions {
  // Sent with every request, over the library's own: Authorization, Cookie, Host...
  Headers headers = {};
  // Until a connection stands.
  std::chrono::milliseconds connect_timeout{10'000};
  // From when the batch leaves until its whole answer is there.
  std::chrono::milliseconds timeout{60'000};
  // Bytes of an answer's body.
  std::size_t max_response_size = 96 * 1024 * 1024;
  SessionOptions session = {};
};

}  // namespace capnweb
