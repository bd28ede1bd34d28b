// import_hook.hpp: something that lives at the peer.
#pragma once

#include <cstdint>

#include "cap/recycled.hpp"
#include "cap/settling_hook.hpp"
#include "wire/expression.hpp"

namespace capnweb::detail {

class SessionCore;

// A stub or promise that the peer exports to us. All copies of the stub share this object; when the
// last is gone the peer is told (M-21). While it is open, calls go over the wire; once the peer has
// resolved it, to the resolution (M-51).
class ImportHook final : public SettlingHook, public Recycled<ImportHook> {
 public:
  // An acknowledgement is the promise of a stream message's answer: its answer comes unasked, and
  // nobody ever releases it (M-36).
  enum class Role : std::uint8_t { kStub, kPromise, kAcknowledgement };

  ImportHook(SessionCore& session, ImportId id, Role role, bool is_pulled);

  ImportId id() const noexcept { return id_; }
  const SessionCore& session() const noexcept { return *session_; }
  // Whether messages may name it by its id: until it is resolved or the session ends (M-51).
  bool is_on_wire() const noexcept { return state() == State::kOpen; }
  bool is_stub() const override { return role_ == Role::kStub && is_on_wire(); }

  // The peer introduced the same id once more; a release must give back as many (M-19).
  void add_introduction() noexcept { ++introductions_; }
  std::int64_t introductions() const noexcept { return introductions_; }
  bool must_be_released() const noexcept { return role_ != Role::kAcknowledgement; }

  // Whether it was called or passed on before it was resolved: then it may serve that alone.
  bool is_pipelined() const noexcept { return is_pipelined_; }
  void set_pipelined() noexcept { is_pipelined_ = true; }
  bool is_pulled() const noexcept { return is_pulled_; }
  // Asks the peer for the outcome, once.
  void pull();

  // The peer resolved or rejected it, or the session ended.
  void finish(Outcome outcome) { settle(std::move(outcome)); }
  // The peer resolved it to something that is not the peer's, while calls made on it before may
  // still be on their way through the peer. Calls to come follow them, so that they do not arrive
  // first (C-28): the id is kept until nobody can call any more.
  void finish_on_detour(Outcome outcome) {
    is_on_detour_ = true;
    settle(std::move(outcome));
  }
  bool is_on_detour() const noexcept { return is_on_detour_; }
  void end_detour() noexcept { is_on_detour_ = false; }

 private:
  bool holds_back_calls() const noexcept override { return is_on_detour_; }
  HookRef open_call(PathView path, Arguments arguments) override;
  Written open_stream(PathView path, Arguments arguments) override;
  HookRef open_get(PathView path) override;
  HookRef open_map(PathView path, MapProgram program) override;
  void open_wait() override { pull(); }
  void open_watch(const std::shared_ptr<BrokenWatch>& watch) override;
  void last_ref_gone() noexcept override;

  Ref<SessionCore> session_;
  ImportId id_;
  std::int64_t introductions_ = 1;
  Role role_;
  bool is_pulled_;
  bool is_pipelined_ = false;
  bool is_on_detour_ = false;
};

}  // namespace capnweb::detail
