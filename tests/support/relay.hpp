// relay.hpp: two peers with a middle party between them that holds a session with each, all in
// memory, with a log of what crosses.
#pragma once

#include <array>
#include <capnweb/session.hpp>
#include <deque>
#include <string>
#include <utility>

#include "session/session_core.hpp"

namespace capnweb::testing {

// Alice is the client and Bob the server; the middle gives each the other's main object as its own
// (C-37). Messages are logged as "A> text" (Alice's), "B> text" (on to Bob), "B< text" (Bob's) and
// "A< text" (on to Alice).
class Relay {
 public:
  enum Way : std::size_t { kFromAlice, kToBob, kFromBob, kToAlice };

  explicit Relay(Value bobs_main, Value alices_main = {}, const SessionOptions& middle = {})
      : Relay(std::move(bobs_main), std::move(alices_main), middle,
              detail::make_ref<detail::SessionCore>(Value(), middle)) {}

  // Carries messages, one at a time, until none is left.
  void run() {
    while (step(kFromAlice) || step(kToBob) || step(kFromBob) || step(kToAlice)) {
    }
  }
  // Carries the messages of one leg that are there.
  void run(Way way) {
    while (step(way)) {
    }
  }

  // What has crossed since the last call.
  std::string take_log() { return std::exchange(log_, {}); }
  // Whether all four sessions hold nothing but the main objects.
  bool is_clean() const {
    for (const Session* session : {&alice, &near, &far, &bob})
      if (session->stats() != Session::Stats{1, 1}) return false;
    return true;
  }

  Session alice;
  Session bob;
  // The middle's sessions, with Alice and with Bob.
  Session near;
  Session far;

 private:
  struct Leg {
    Session& from;
    Session& to;
    const char* mark;
    std::deque<std::string> messages = {};
  };

  Relay(Value bobs_main, Value alices_main, const SessionOptions& middle,
        const detail::Ref<detail::SessionCore>& near_core)
      : alice(std::move(alices_main)),
        bob(std::move(bobs_main)),
        near(near_core),
        far(near.remote_main(), middle) {
    near_core->set_local_main(far.remote_main());
  }

  bool step(Way way) {
    Leg& leg = legs_[way];
    Outbox outbox;
    leg.from.take_output(outbox);
    for (std::size_t i = 0; i < outbox.size(); ++i) leg.messages.emplace_back(outbox[i]);
    if (leg.messages.empty()) return false;
    const std::string message = std::move(leg.messages.front());
    leg.messages.pop_front();
    log_ += leg.mark + message + '\n';
    leg.to.receive(message);
    return true;
  }

  std::array<Leg, 4> legs_ = {Leg{alice, near, "A> "}, Leg{far, bob, "B> "}, Leg{bob, far, "B< "},
                              Leg{near, alice, "A< "}};
  std::string log_;
};

}  // namespace capnweb::testing
