#include "cap/pump.hpp"

#include <capnweb/detail/outcome.hpp>
#include <capnweb/detail/resolver.hpp>
#include <memory>
#include <optional>
#include <utility>

#include "cap/turn.hpp"

namespace capnweb::detail {

namespace {

// Owns itself until it is done. Waits for one thing at a time: room in the target, a chunk of the
// source, the acknowledgement of the close; and all the while for the target's end.
class Pump {
 public:
  static HookRef start(Ref<ReadableHook> source, Ref<WritableHook> target) {
    auto pump = std::unique_ptr<Pump>(new Pump(std::move(source), std::move(target)));
    HookRef done = pump->done_.promise();
    Turn::add(pump.release()->step_);
    return done;
  }

 private:
  class Call final : public Waiter {
   public:
    Call(Pump& pump, void (Pump::*member)()) : pump_(pump), member_(member) {}
    void wait_for(const HookRef& hook) { hook->wait(*this); }

   private:
    void on_settled() noexcept override { (pump_.*member_)(); }
    Pump& pump_;
    void (Pump::*member_)();
  };

  Pump(Ref<ReadableHook> source, Ref<WritableHook> target)
      : source_(std::move(source)), target_(std::move(target)) {}

  void begin() {
    if (!source_->lock()) {
      const Error error = Error::type_error("Invalid state: ReadableStream is locked");
      static_cast<void>(target_->abort(error));
      return finish({error});
    }
    ended_ = target_->ended();
    if (ended_->outcome()) return target_ended();
    end_.wait_for(ended_);
    has_begun_ = true;
    run();
  }

  void step() {
    if (has_begun_) return run();
    begin();
  }

  void run() {
    for (;;) {
      if (closed_) return finish(*closed_->outcome());
      if (!read_) {
        room_ = target_->ready();
        if (room_ && !room_->outcome()) return step_.wait_for(room_);
        if (room_ && room_->outcome()->is_error()) return;  // target_ended() is about to run
        read_ = source_->read_on(taken_.emplace().promise());
      }
      if (!read_->outcome()) return step_.wait_for(read_);
      if (!move_on(std::exchange(read_, nullptr))) return;
    }
  }

  // Hands on what was read; false if that ended the pump or has to be waited for.
  bool move_on(const HookRef& read) {
    Outcome& outcome = *read->outcome();
    if (outcome.is_error()) {
      const Error error = outcome.error();
      static_cast<void>(target_->abort(error));
      finish({error});
      return false;
    }
    if (auto* chunk = outcome.value().get_if<Array>()) {
      // What becomes of the write is seen in the target's end, and by who wrote it at the other.
      taken_->resolve(Value(PromiseRef{target_->write(std::move(chunk->front()))}));
      return true;
    }
    closed_ = target_->close();
    taken_->resolve(Value(PromiseRef{closed_}));
    if (closed_->outcome()) return true;
    step_.wait_for(closed_);
    return false;
  }

  void target_ended() {
    const Outcome& outcome = *ended_->outcome();
    if (!outcome.is_error()) return;  // our own close, which is waited for
    source_->cancel(outcome.error());
    if (taken_) taken_->reject(outcome.error());  // a chunk may have come and not gone on
    finish({outcome.error()});
  }

  void finish(const Outcome& outcome) {
    const std::unique_ptr<Pump> self(this);
    if (outcome.is_error()) {
      done_.reject(outcome.error());
    } else {
      done_.resolve({});
    }
  }

  Ref<ReadableHook> source_;
  Ref<WritableHook> target_;
  Resolver done_;
  bool has_begun_ = false;
  HookRef ended_;
  HookRef room_;
  HookRef read_;
  std::optional<Resolver> taken_;  // what is being read
  HookRef closed_;
  Call step_{*this, &Pump::step};
  Call end_{*this, &Pump::target_ended};

  friend class Call;
};

}  // namespace

HookRef start_pump(Ref<ReadableHook> source, Ref<WritableHook> target) {
  return Pump::start(std::move(source), std::move(target));
}

}  // namespace capnweb::detail
