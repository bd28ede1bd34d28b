#include "random/encounter.hpp"

#include "random/player.hpp"
#include "random/playground.hpp"
#include "random/rehearsal.hpp"
#include "support/pair.hpp"

namespace capnweb::testing {

namespace {

class Encounter {
 public:
  Encounter(const std::vector<Step>& alices, const std::vector<Step>& bobs)
      : alices_(alices), bobs_(bobs) {}

  void play(Choices& choices) {
    auto alices = alices_.begin();
    auto bobs = bobs_.begin();
    while (alices != alices_.end() || bobs != bobs_.end()) {
      const std::size_t choice = choices.below(6);
      if (choice < 2) {
        const bool is_alices = bobs == bobs_.end() || (choice == 0 && alices != alices_.end());
        is_alices ? alice_.play(*alices++) : bob_.play(*bobs++);
      } else if (choice < 4) {
        pair_.carry_from_alice();
        alice_.advance();
        bob_.advance();
      } else {
        pair_.carry_from_bob();
        alice_.advance();
        bob_.advance();
      }
    }
    finish();
  }

  void release() {
    alice_.release();
    bob_.release();
    finish();
  }

  std::string wrong_results() const {
    const std::string alices = difference(alice_.results(), rehearse(alices_));
    const std::string bobs = difference(bob_.results(), rehearse(bobs_));
    return (alices.empty() ? "" : "Alice's " + alices) + (bobs.empty() ? "" : "Bob's " + bobs);
  }

  std::string remains() const {
    std::string text;
    for (const Session* session : {&pair_.alice, &pair_.bob}) {
      const std::string name = session == &pair_.alice ? "Alice" : "Bob";
      const auto [imports, exports, calls] = session->stats();
      if (const Error* reason = session->end_reason())
        text += name + "'s session has ended: " + reason->what();
      else if (imports != 1 || exports != 1 || calls != 0)
        text += name + " has " + std::to_string(imports) + " imports, " + std::to_string(exports) +
                " exports, " + std::to_string(calls) + " calls";
    }
    return text;
  }

 private:
  void finish() {
    pair_.run();
    const std::size_t most = alices_.size() + bobs_.size() + 3;
    for (std::size_t round = 0; round < most && !(alice_.is_done() && bob_.is_done()); ++round) {
      alice_.finish();
      bob_.finish();
      pair_.run();
      alice_.advance();
      bob_.advance();
    }
  }

  const std::vector<Step>& alices_;
  const std::vector<Step>& bobs_;
  Pair pair_{make_playground(), make_playground()};
  Player alice_{pair_.alice.remote_main().hook()};
  Player bob_{pair_.bob.remote_main().hook()};
};

}  // namespace

std::string play_together(const std::vector<Step>& alices, const std::vector<Step>& bobs,
                          Choices& choices) {
  Encounter encounter(alices, bobs);
  encounter.play(choices);
  const std::string wrong = encounter.wrong_results();
  encounter.release();
  return wrong + encounter.remains();
}

}  // namespace capnweb::testing
