// sink_hook.cpp: the writing end of a stream whose chunks the application takes by a function.
#include <capnweb/detail/outcome.hpp>
#include <capnweb/detail/resolver.hpp>
#include <capnweb/detail/sink.hpp>
#include <optional>
#include <utility>

#include "cap/settle.hpp"
#include "cap/turn.hpp"
#include "cap/writable_hook.hpp"
#include "cap/write_queue.hpp"

namespace capnweb::detail {

namespace {

// Gives the sink one thing at a time (S-9) and waits for its end. What the sink is doing is
// finished before it hears of an abort.
class SinkHook final : public WritableHook, public Needs, private Waiter {
 public:
  explicit SinkHook(std::unique_ptr<Sink> sink) : sink_(std::move(sink)) {}

  HookRef write(Value chunk) override {
    HookRef done = queue_.write(std::move(chunk));
    run_later();
    return done;
  }

  HookRef close() override {
    HookRef done = queue_.close();
    run_later();
    return done;
  }

  HookRef abort(Error reason) override {
    if (queue_.is_over()) return make_resolved({});
    queue_.fail(std::move(reason));
    abort_.emplace();
    HookRef done = abort_->promise();
    run_later();
    return done;
  }

  HookRef ready() override { return queue_.ready(); }
  HookRef ended() override { return queue_.ended(); }
  void append_needs(std::vector<const Hook*>& out) const override {
    queue_.append_references(out);
    if (settling_) settling_->append_needs(out);
    if (busy_) out.push_back(busy_.get());
  }

 private:
  // What the sink is busy with.
  enum class Step : std::uint8_t { kIdle, kSettling, kWriting, kClosing };

  void run_later() {
    if (step_ != Step::kIdle || is_waiting()) return;
    self_ = HookRef(this);
    Turn::add(*this);
  }

  void on_settled() noexcept override {
    const HookRef self = std::exchange(self_, nullptr);
    if (step_ != Step::kIdle) finish_step();
    run();
  }

  void run() {
    while (step_ == Step::kIdle) {
      if (abort_) return tell_abort();
      if (!queue_.empty()) {
        begin_write();
      } else if (queue_.is_closing()) {
        step_ = Step::kClosing;
        follow([this] { return sink_->close(); });
      } else {
        return;
      }
    }
  }

  void tell_abort() {
    Resolver done = *std::exchange(abort_, std::nullopt);
    try {
      sink_->abort(*queue_.error());
    } catch (...) {
      // The writer has gone: there is nobody to tell.
    }
    sink_.reset();
    done.resolve({});
  }

  void begin_write() {
    chunk_ = queue_.begin();
    step_ = Step::kSettling;
    settling_.emplace();
    const auto settled = [](void* context) noexcept {
      auto& hook = *static_cast<SinkHook*>(context);
      const HookRef self = std::exchange(hook.self_, nullptr);
      hook.give_chunk();
      hook.run();
    };
    if (settling_->start({&chunk_, 1}, settled, this)) return give_chunk();
    self_ = HookRef(this);
  }

  void give_chunk() {
    const std::optional<Error> refused = settling_->error();
    settling_.reset();
    step_ = Step::kWriting;
    follow([&] { return refused ? make_rejected(*refused) : sink_->write(std::move(chunk_)); });
  }

  // Starts something of the sink's and waits for its end.
  template <class F>
  void follow(F begin) {
    try {
      busy_ = begin();
    } catch (...) {
      busy_ = make_rejected(Error::from_exception(std::current_exception()));
    }
    if (busy_->is_stub() || busy_->outcome()) return finish_step();
    self_ = HookRef(this);
    busy_->wait(*this);
  }

  void finish_step() {
    const HookRef done = std::exchange(busy_, nullptr);
    const Step step = std::exchange(step_, Step::kIdle);
    const bool has_failed = !done->is_stub() && done->outcome()->is_error();
    chunk_ = {};
    if (step == Step::kWriting) queue_.finish(has_failed ? &done->outcome()->error() : nullptr);
    if (has_failed && !queue_.is_over()) {
      queue_.fail(done->outcome()->error());
    } else if (step == Step::kClosing && !queue_.is_over()) {
      queue_.finish_close();
    }
    if (queue_.is_over() && !abort_) sink_.reset();
  }

  void last_ref_gone() noexcept override {
    if (!queue_.is_open()) return destroy();
    static_cast<void>(abort(not_closed()));  // S-6; keeps this until the sink has heard of it
  }

  std::unique_ptr<Sink> sink_;
  WriteQueue queue_{this};
  Step step_ = Step::kIdle;
  Value chunk_;  // that is being settled
  std::optional<SettleAll> settling_;
  HookRef busy_;
  std::optional<Resolver> abort_;
  HookRef self_;  // while the sink works, or is about to
};

}  // namespace

HookRef make_sink_hook(std::unique_ptr<Sink> sink) { return make_ref<SinkHook>(std::move(sink)); }

}  // namespace capnweb::detail
