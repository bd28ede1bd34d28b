// wt_end.hpp: one side of a WebTransport connection without packets.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "fake_quic.hpp"
#include "net/webtransport/wt_connection.hpp"
#include "support/object.hpp"

namespace capnweb::testing {

using detail::SessionCore;
using SessionRef = WtOwner::SessionRef;

inline std::string varint(std::uint64_t value) {
  std::string out;
  append_varint(out, value);
  return out;
}

inline std::string frame(std::uint64_t type, std::string_view payload) {
  return varint(type) + varint(payload.size()) + std::string(payload);
}

inline std::string capsule(std::uint64_t type, std::string_view payload) {
  return frame(type, payload);
}

inline Value calculator() {
  return target({{"square",
                  [](Array& arguments) {
                    const double number = arguments.at(0).get<double>();
                    return Value(number * number);
                  }},
                 {"size", [](Array& arguments) {
                    return Value(static_cast<double>(arguments.at(0).get<std::string>().size()));
                  }}});
}

// One side of a connection, its owner and its sessions.
class End final : public WtOwner {
 public:
  explicit End(H3Role role, WebTransportOptions options = {}, std::size_t max_line = 3'000'000)
      : quic(role), connection(role, quic, *this, options, max_line, scratch) {}

  std::variant<SessionRef, WtRefusal> open_session(const H3Request& request) override {
    requests.push_back(request);
    if (refusal) return *refusal;
    sessions.push_back(detail::make_ref<SessionCore>(main(), SessionOptions{}));
    return sessions.back();
  }
  void on_opened() override { opened = true; }
  void on_refused(int status, std::string_view text) override {
    refused = std::to_string(status) + " " + std::string(text);
  }
  void on_session_over(SessionCore&) override { ++over; }
  void on_held_input() override { has_held_input = true; }
  bool holds_input() const noexcept override { return is_held; }

  void flush() {
    connection.on_flush();
    connection.on_flushed();
  }
  void pass(std::chrono::milliseconds time) {
    quic.time += time;
    connection.on_deadline();
    flush();
  }

  FakeQuic quic;
  IoScratch scratch;
  std::function<Value()> main = calculator;
  std::optional<WtRefusal> refusal;
  std::vector<H3Request> requests;
  std::vector<SessionRef> sessions;
  bool opened = false;
  std::string refused;
  int over = 0;
  bool has_held_input = false;
  bool is_held = false;
  WtConnection connection;
};

}  // namespace capnweb::testing
