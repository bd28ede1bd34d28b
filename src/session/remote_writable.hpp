// remote_writable.hpp: a stream that a peer reads.
#pragma once

#include <capnweb/detail/resolver.hpp>
#include <list>
#include <optional>
#include <vector>

#include "cap/cycle.hpp"
#include "cap/writable_hook.hpp"
#include "session/flow_window.hpp"

namespace capnweb::detail {

class SessionCore;

// Writes over the wire, and keeps as much on its way as the path holds. After the answer to its
// close or abort, or a failed write, the peer's end is released (S-3, S-8).
class RemoteWritable final : public WritableHook, public Needs {
 public:
  // `target` is the peer's end. `is_pipe`: one that we have opened, not a stream that the peer
  // offered.
  RemoteWritable(SessionCore& session, HookRef target, bool is_pipe);
  ~RemoteWritable() override;

  HookRef write(Value chunk) override;
  HookRef close() override;
  HookRef abort(Error reason) override;
  HookRef ready() override;
  HookRef ended() override;
  void append_needs(std::vector<const Hook*>& out) const override;

 private:
  // A write on its way.
  class Ack final : public Waiter {
   public:
    Ack(RemoteWritable& owner, const Written& written, std::optional<FlowWindow::Sent> sent)
        : owner_(owner), answer_(written.answer), sent_(std::move(sent)) {}
    void start() { answer_->wait(*this); }
    const HookRef& answer() const noexcept { return answer_; }
    Outcome& outcome() const { return *answer_->outcome(); }
    const std::optional<FlowWindow::Sent>& sent() const noexcept { return sent_; }
    std::list<Ack>::iterator place;

   private:
    void on_settled() noexcept override { owner_.acknowledged(*this); }
    RemoteWritable& owner_;
    HookRef answer_;
    std::optional<FlowWindow::Sent> sent_;  // of a write that was sent; else the peer is not remote
  };
  // The last word, and its answer.
  class LastWord final : public Waiter {
   public:
    explicit LastWord(RemoteWritable& owner) : owner_(owner) {}

   private:
    void on_settled() noexcept override { owner_.last_word_answered(); }
    RemoteWritable& owner_;
  };

  HookRef last_word(const char* method, Array arguments);
  void acknowledged(Ack& ack);
  void last_word_answered();
  void fail(Error error);
  bool is_full() const noexcept;
  void tell_writer();

  Ref<SessionCore> session_;
  HookRef target_;  // until the stream has ended
  const bool is_pipe_;
  bool is_closing_ = false;
  bool is_closed_ = false;
  std::optional<Error> error_;
  FlowWindow window_;
  std::list<Ack> on_the_way_;
  std::optional<Resolver> room_;
  std::optional<Resolver> ended_;
  HookRef answer_;  // to the last word
  std::optional<Resolver> last_done_;
  LastWord last_word_{*this};
  HookRef self_;  // until the last word is answered
};

}  // namespace capnweb::detail
