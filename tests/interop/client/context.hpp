// context.hpp: what the functions of scenarios get, and how they say what is wrong.
#pragma once

#include <capnweb/capnweb.hpp>
#include <iostream>
#include <span>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "peer/test_target.hpp"

namespace interop {

using capnweb::Array;
using capnweb::Error;
using capnweb::Object;

using Api = Stub<TestTarget>;

// One run of a scenario: its servers, and its words to the runner (harness/drivers.mjs), which can
// do what a client cannot.
struct Context {
  std::string main_url;
  std::string other_url;
  std::string nobody_url;
  std::string unique;  // a name for what this run leaves at a server
  std::string with;    // the text of the scenario's value, if it has one
  capnweb::ConnectOptions options = {};

  // Opens a session (or a batch) with the server under test, the other one, none at all.
  Promise<Api> main() const { return capnweb::connect<TestTarget>(main_url, options); }
  Promise<Api> other() const { return capnweb::connect<TestTarget>(other_url, options); }
  Promise<Api> nobody() const { return capnweb::connect<TestTarget>(nobody_url, options); }

  // How errors begin: of a peer that has gone without a word, of one that goes in order, of none.
  std::string_view vanished() const {
    return is_webtransport() ? "WebTransport connection failed. The peer has been silent for"
                             : "Peer closed WebSocket: 1006";
  }
  std::string_view drained() const {
    return is_webtransport() ? "Peer closed WebTransport: 503" : "Peer closed WebSocket: 1012";
  }
  std::string_view unreachable() const {
    return is_webtransport()             ? "WebTransport connection failed."
           : main_url.starts_with("ws:") ? "WebSocket connection failed."
                                         : "";
  }
  bool is_webtransport() const { return main_url.starts_with("https:"); }

  // Ends the server, or the connection to it, whichever the scenario is about.
  static void end() { std::cout << "end" << std::endl; }
  static void cut_other() { std::cout << "cut other" << std::endl; }
};

struct Scenario {
  std::string_view name;
  Task<> (*play)(Context&);
};

std::span<const Scenario> value_scenarios();
std::span<const Scenario> call_scenarios();
std::span<const Scenario> pipeline_scenarios();
std::span<const Scenario> map_scenarios();
std::span<const Scenario> reference_scenarios();
std::span<const Scenario> stream_scenarios();
std::span<const Scenario> ending_scenarios();

inline std::string show(const Value& value) {
  try {
    return capnweb::serialize(value);
  } catch (const Error& error) {
    return std::string(value.kind_name()) + " (" + error.what() + ")";
  }
}

[[noreturn]] inline void complain(const std::string& text) { throw std::runtime_error(text); }

// Each throws unless it holds.
inline void expect(bool holds, std::string_view what) {
  if (!holds) complain("expected: " + std::string(what));
}
inline void expect_equal(const Value& found, const Value& expected) {
  if (!(found == expected)) complain("expected " + show(expected) + ", got " + show(found));
}
inline void expect_begins(const std::string& text, std::string_view begin) {
  if (!text.starts_with(begin)) complain("expected " + std::string(begin) + "..., got " + text);
}

// What a promise fails with; it must.
template <class T>
Task<Error> rejection(Promise<T> promise) {
  try {
    static_cast<void>(co_await Promise<Value>(promise));
  } catch (const Error& error) {
    co_return error;
  }
  complain("it must be rejected");
}
// The same as text, "TypeError: text"; waited for from now on.
template <class T>
Promise<std::string> failure(Promise<T> promise) {
  return capnweb::start([](Promise<T> failing) -> Task<std::string> {
    const Error error = co_await rejection(std::move(failing));
    co_return error.what();
  }(std::move(promise)));
}

}  // namespace interop
