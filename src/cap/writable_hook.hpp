// writable_hook.hpp: the end of a stream that is written to.
#pragma once

#include <capnweb/detail/hook.hpp>
#include <capnweb/error.hpp>
#include <capnweb/value.hpp>
#include <string_view>

namespace capnweb::detail {

// A stream to write to, local or a peer's. Peers reach it as an object with the methods write,
// close and abort (S-2, S-5). When its last reference goes before close() or abort(), whoever reads
// hears that (S-6).
class WritableHook : public Hook {
 public:
  // Each gives the promise of the acknowledgement. Writes are not waited for one by one (S-3): they
  // are done in their order.
  virtual HookRef write(Value chunk) = 0;
  // Behind the writes made before it. Everything after it fails.
  virtual HookRef close() = 0;
  // At once: what has not been read is lost (S-17).
  virtual HookRef abort(Error reason) = 0;

  // Settles when the next write is welcome; null: it is now. A write is taken all the same (S-29).
  virtual HookRef ready() = 0;
  // The promise that settles when the stream has ended: rejected with the reason if it failed.
  virtual HookRef ended() = 0;

  HookRef call(PathView path, Arguments arguments) final;
  HookRef call_plain(std::string_view method, const PlainArguments& arguments) final;
  HookRef get(PathView path) final;
  HookRef map(PathView path, MapProgram program) final;
  bool is_stub() const final { return true; }
  const char* pull_refusal() const final { return "Cannot pull a WritableStream stub"; }
  Outcome* outcome() final { return nullptr; }
  void wait(Waiter&) final {}
  std::shared_ptr<void> on_broken(std::function<void(const Error&)>) override { return nullptr; }
};

// What a stream says that was let go before it was closed.
Error not_closed();
// What writes say that come after the close, and a close after the end, in the words of JavaScript
// engines.
Error stream_is_closed();
Error stream_is_closing();

}  // namespace capnweb::detail
