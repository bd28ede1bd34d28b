// generator.cpp: a coroutine behind the reading end of a stream.
#include <capnweb/detail/generator.hpp>
#include <capnweb/detail/resolver.hpp>
#include <capnweb/detail/task_scope.hpp>
#include <deque>
#include <optional>
#include <utility>

#include "cap/readable_hook.hpp"
#include "cap/turn.hpp"

namespace capnweb::detail {

namespace {

// While the coroutine waits for something it belongs to itself and to the scope it was run in; at
// its co_yields it belongs to the stream.
class GeneratorRun final : public RefCounted, private ScopedWork, private Waiter {
 public:
  explicit GeneratorRun(std::unique_ptr<GeneratorFrame> frame) : frame_(std::move(frame)) {}

  HookRef read() {
    if (error_) return make_rejected(*error_);
    if (!frame_) return make_resolved({});
    readers_.emplace_back();
    HookRef chunk = readers_.back().promise();
    if (!is_running_) go_on();
    return chunk;
  }

  void cancel(Error reason) {
    if (error_ || !frame_) return;
    end(std::move(reason));
  }

 private:
  // Runs it from pause to pause as long as somebody waits for a chunk and it does not wait itself.
  void go_on() {
    const Ref<GeneratorRun> alive(this);
    while (frame_ && !error_ && has_reader()) {
      if (has_chunk_) {
        hand_out();
        continue;
      }
      is_running_ = true;
      frame_->state().going_on();
      frame_->coroutine().resume();
      if (!frame_->state().is_paused()) return run_on();
      paused();
    }
  }

  // It waits for something: goes on by itself.
  void run_on() {
    self_ = Ref<GeneratorRun>(this);
    join_scope();
    const auto pause = [](void* source) noexcept {
      Turn::add(*static_cast<GeneratorRun*>(source));
    };
    frame_->state().on_pause(pause, this);
  }

  // It has paused after having waited.
  void on_settled() noexcept override {
    const Ref<GeneratorRun> self = std::exchange(self_, nullptr);
    leave_scope();
    frame_->state().on_pause(nullptr, nullptr);
    paused();
    go_on();
  }

  // One that has ended goes, and one that nobody reads any more.
  void paused() {
    is_running_ = false;
    if (error_) return frame_.reset();
    if (const std::exception_ptr& failure = frame_->state().error())
      return end(Error::from_exception(failure));
    if (frame_->coroutine().done()) return finish();
    has_chunk_ = true;
  }

  void hand_out() {
    has_chunk_ = false;
    try {
      Array one;
      one.push_back(frame_->take_chunk());
      readers_.front().resolve(Value(std::move(one)));
      readers_.pop_front();
    } catch (...) {
      end(Error::from_exception(std::current_exception()));
    }
  }

  // Whoever is first still wants a chunk.
  bool has_reader() {
    while (!readers_.empty() && !readers_.front().is_wanted()) readers_.pop_front();
    return !readers_.empty();
  }

  void finish() {
    frame_.reset();
    for (Resolver& reader : std::exchange(readers_, {})) reader.resolve({});
  }

  void end(Error reason) {
    const Ref<GeneratorRun> alive(this);
    error_ = std::move(reason);
    if (is_running_) {
      frame_->request_stop();
    } else {
      frame_.reset();
    }
    for (Resolver& reader : std::exchange(readers_, {})) reader.reject(*error_);
  }

  void scope_ended() noexcept override {
    const Ref<GeneratorRun> self = std::exchange(self_, nullptr);
    is_running_ = false;
    stop_waiting();
    end(Error("The event loop has ended."));
  }

  std::unique_ptr<GeneratorFrame> frame_;
  bool is_running_ = false;
  bool has_chunk_ = false;  // yielded, and not yet handed out
  std::deque<Resolver> readers_;
  std::optional<Error> error_;
  Ref<GeneratorRun> self_;
};

// The stream, which a coroutine that waits does not keep: so it hears that nobody reads any more.
class GeneratorSource final : public ReadableHook {
 public:
  explicit GeneratorSource(std::unique_ptr<GeneratorFrame> frame)
      : run_(make_ref<GeneratorRun>(std::move(frame))) {}

  HookRef read() override { return run_->read(); }
  void cancel(Error reason) override { run_->cancel(std::move(reason)); }

 private:
  void last_ref_gone() noexcept override {
    run_->cancel(not_consumed());  // S-19; no effect on one that was read to its end
    destroy();
  }

  Ref<GeneratorRun> run_;
};

}  // namespace

HookRef make_generator_source(std::unique_ptr<GeneratorFrame> frame) {
  return make_ref<GeneratorSource>(std::move(frame));
}

}  // namespace capnweb::detail
