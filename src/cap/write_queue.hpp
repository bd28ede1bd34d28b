// write_queue.hpp: the state of a local stream: what was written and not yet taken.
#pragma once

#include <capnweb/detail/resolver.hpp>
#include <capnweb/error.hpp>
#include <capnweb/value.hpp>
#include <cstddef>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include "cap/cycle.hpp"
#include "cap/stream_budget.hpp"

namespace capnweb::detail {

// Open, then perhaps closing (writes are left to be taken), then closed or failed. The writer's
// side gives promises of acknowledgements; the consumer's side takes writes one by one. They are
// settled in the order of the writes (S-9), also when the stream fails.
class WriteQueue {
 public:
  // `owner`, if given, tells what has to happen before the writes are acknowledged.
  explicit WriteQueue(const Needs* owner = nullptr) : owner_(owner) {}
  ~WriteQueue();
  WriteQueue(const WriteQueue&) = delete;
  WriteQueue& operator=(const WriteQueue&) = delete;

  // -- The writer's side.
  // What a peer writes counts into its budget until it is taken.
  HookRef write(Value chunk);
  HookRef close();
  // The last write's acknowledgement while it is open: one waits for the other (S-33).
  HookRef ready() const;
  HookRef ended();
  // Neither closing nor over: what follows changes something.
  bool is_open() const noexcept { return state_ == State::kOpen; }
  bool is_over() const noexcept { return state_ == State::kClosed || state_ == State::kFailed; }

  // -- The consumer's side.
  struct Write {
    Value chunk;
    Resolver done;
    Ref<StreamBudget> budget = {};  // null when we write ourselves
    std::size_t size = 0;           // counted there
  };
  bool empty() const noexcept { return writes_.empty(); }
  // What the chunks hold.
  void append_references(std::vector<const Hook*>& out) const;
  // REQUIRES: !empty().
  Write take();
  // For a consumer that acknowledges a write when it is done with it: the next chunk, and the end
  // of that, with the error if it failed. REQUIRES: !empty(), and none has begun.
  Value begin();
  void finish(const Error* error);
  // Whether all is taken and it is only to be closed.
  bool is_closing() const noexcept { return state_ == State::kClosing && writes_.empty(); }
  // The close is acknowledged as `done` settles; null: now.
  void finish_close(const HookRef& done = nullptr);
  bool is_closed() const noexcept { return state_ == State::kClosed; }

  // Ends it: what has not been taken is lost, and what waits is rejected with `error`, behind the
  // end of the write that the consumer is busy with. REQUIRES: !is_over().
  void fail(Error error);
  // Why it failed, or null.
  const Error* error() const noexcept { return error_ ? &*error_ : nullptr; }

 private:
  enum class State : std::uint8_t { kOpen, kClosing, kClosed, kFailed };

  HookRef refuse(Error error);
  void reject_waiting();

  const Needs* owner_;
  State state_ = State::kOpen;
  std::deque<Write> writes_;
  std::optional<Resolver> begun_;  // of the write that the consumer is busy with
  std::optional<Resolver> close_;
  // What came after the failure, while the consumer was busy.
  std::deque<std::pair<Resolver, Error>> refused_;
  std::optional<Resolver> ended_;
  std::optional<Error> error_;
  HookRef last_;
};

}  // namespace capnweb::detail
