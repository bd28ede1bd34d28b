// pair.hpp: two sessions joined in memory, with a log of what crosses.
#pragma once

#include <capnweb/session.hpp>
#include <deque>
#include <optional>
#include <string>
#include <vector>

namespace capnweb::testing {

// Alice is the client, Bob the server. Messages travel when run() is called, each side's in their
// order, and are logged as "> text" (Alice's) and "< text" (Bob's).
class Pair {
 public:
  struct Options {
    SessionOptions alice = {};
    SessionOptions bob = {};
  };

  explicit Pair(Value bobs_main, Value alices_main = {})
      : Pair(bobs_main, alices_main, Options{}) {}
  Pair(Value bobs_main, Value alices_main, Options options)
      : alice(std::move(alices_main), std::move(options.alice)),
        bob(std::move(bobs_main), std::move(options.bob)) {}

  // Carries messages, one at a time and Alice's first, until none is left.
  void run() {
    while (step(alice, bob, '>') || step(bob, alice, '<')) {
    }
  }

  // Carries the next message of one of them; false if there is none.
  bool carry_from_alice() { return step(alice, bob, '>'); }
  bool carry_from_bob() { return step(bob, alice, '<'); }

  // What has crossed since the last call.
  std::string take_log() { return std::exchange(log, {}); }

  Session alice;
  Session bob;
  std::string log;

 private:
  struct Wire {
    Outbox outbox;
    std::deque<std::string> messages;
  };

  bool step(Session& from, Session& to, char mark) {
    Wire& wire = mark == '>' ? to_bob_ : to_alice_;
    if (from.has_output()) {
      from.take_output(wire.outbox);
      for (std::size_t i = 0; i < wire.outbox.size(); ++i)
        wire.messages.emplace_back(wire.outbox[i]);
    }
    if (wire.messages.empty()) return false;
    const std::string message = std::move(wire.messages.front());
    wire.messages.pop_front();
    log += std::string(1, mark) + ' ' + message + '\n';
    to.receive(message);
    return true;
  }

  Wire to_bob_;
  Wire to_alice_;
};

// One session fed by hand: what a peer that is not ours may send, and what is answered.
class Wire {
 public:
  explicit Wire(Value main = {}, SessionOptions options = {})
      : session(std::move(main), std::move(options)) {}

  // Feeds messages and gives the answers, one a line.
  std::string send(std::initializer_list<std::string_view> messages) {
    for (std::string_view message : messages) session.receive(message);
    return answers();
  }
  std::string answers() {
    std::string text;
    Outbox out;
    session.take_output(out);
    for (std::size_t i = 0; i < out.size(); ++i) text += std::string(out[i]) + '\n';
    return text;
  }

  Session session;
};

}  // namespace capnweb::testing
