// player.hpp: plays a random program against a playground, near or far.
#pragma once

#include <array>
#include <capnweb/detail/hook.hpp>
#include <capnweb/detail/resolver.hpp>
#include <capnweb/value.hpp>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "random/program.hpp"
#include "support/awaited.hpp"

namespace capnweb::testing {

// Nothing is waited for while the steps are played: whoever carries messages does that when it
// likes, and calls advance() then.
class Player {
 public:
  explicit Player(detail::HookRef playground);

  void play(const Step& step);
  // Goes on with what has come in the meantime.
  void advance();
  // Settles what waits for this side, now that all steps are played. What that causes may wait
  // again, so it is called until is_done().
  void finish();
  // Whether all results are there, and nothing waits for this side.
  bool is_done() const;
  // Lets go of everything at this side, and of what the playground keeps for it. Calls of the
  // playground's may still come afterwards, and wait.
  void release();

  // What each kAwait, each kTick and each read stream has given, in the order of the steps.
  std::vector<std::string> results() const;

 private:
  struct Register {
    detail::HookRef hook = nullptr;
    double handle = 0;
    double ticks = 0;
  };
  // Of a promise, or of what is in the stream that the promise gives.
  struct Result {
    std::unique_ptr<Awaited> promise;  // while it is open
    std::string text;
  };

  void put(const Step& step, detail::HookRef hook);
  detail::HookRef call(const char* method, Array arguments);
  void look_at(detail::HookRef hook);
  void tick(const Step& step);
  void get(const Step& step);
  void settle(unsigned key, Kind kind);
  void play_call(const Step& step);
  void play_stream(const Step& step);
  void fill(const Step& step);
  detail::HookRef map(const Step& step);
  Value callback(unsigned which, double by);
  Value from(const Step& step) const;

  detail::HookRef playground_;
  Value own_playground_;
  std::array<Register, kRegisters> registers_;
  double handles_ = 0;
  std::size_t steps_ = 0;
  std::map<unsigned, Kind> later_;
  std::shared_ptr<std::vector<detail::Resolver>> slow_;  // calls of ours that take their time
  std::vector<Result> results_;
};

}  // namespace capnweb::testing
