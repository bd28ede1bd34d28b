// readable_hook.hpp: the end of a stream that is read from.
#pragma once

#include <capnweb/detail/hook.hpp>
#include <capnweb/error.hpp>
#include <utility>

namespace capnweb::detail {

// A stream to read from. It is never called, neither here nor by a peer (S-22): a peer gets a pipe
// that is fed from it. When its last reference goes before its end, its source is cancelled (S-19).
class ReadableHook : public Hook {
 public:
  // The next chunk, in the order of the calls: a promise of an array that holds it, or of undefined
  // at the end; rejected if the stream has failed. Who drops the promise before it has settled does
  // not want the chunk: the next reader gets it.
  virtual HookRef read() = 0;
  // The same for who hands on what it reads: the write of the chunk, or at the end the close, is
  // acknowledged as `done` settles. So a writer hears of its last reader, however many hands are
  // between (S-15, S-18). A source without such a writer has no use for it.
  virtual HookRef read_on(const HookRef& done);

  // Ends it from the reader's side: the writer's outstanding and later writes fail with `reason`.
  virtual void cancel(Error reason) = 0;

  // Takes it for one reader alone; false if it is taken (S-13).
  bool lock() noexcept { return !std::exchange(is_locked_, true); }
  bool is_locked() const noexcept { return is_locked_; }

  HookRef call(PathView path, Arguments arguments) final;
  HookRef get(PathView path) final;
  HookRef map(PathView path, MapProgram program) final;
  bool is_stub() const final { return true; }
  Outcome* outcome() final { return nullptr; }
  void wait(Waiter&) final {}
  std::shared_ptr<void> on_broken(std::function<void(const Error&)>) override { return nullptr; }

 private:
  bool is_locked_ = false;
};

// What a stream's writer hears when nobody has read it to its end.
Error not_consumed();

}  // namespace capnweb::detail
