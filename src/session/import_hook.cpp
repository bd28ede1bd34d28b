#include "session/import_hook.hpp"

#include <utility>

#include "session/session_core.hpp"

namespace capnweb::detail {

ImportHook::ImportHook(SessionCore& session, ImportId id, Role role, bool is_pulled)
    : session_(&session), id_(id), role_(role), is_pulled_(is_pulled) {
  session_->import_made();
}

// Leaves the table at once, even if its destruction has to wait for its turn.
void ImportHook::last_ref_gone() noexcept {
  session_->import_gone(*this);
  destroy();
}

HookRef ImportHook::open_call(PathView path, Arguments arguments) {
  is_pipelined_ = true;
  return session_->send_call(id_, path, std::move(arguments));
}

Written ImportHook::open_stream(PathView path, Arguments arguments) {
  is_pipelined_ = true;
  return session_->send_stream(id_, path, std::move(arguments));
}

HookRef ImportHook::open_get(PathView path) {
  if (path.empty() && role_ != Role::kStub) return HookRef(this);
  is_pipelined_ = true;
  return session_->send_get(id_, path);
}

HookRef ImportHook::open_map(PathView path, MapProgram program) {
  is_pipelined_ = true;
  return session_->send_map(id_, path, std::move(program));
}

void ImportHook::pull() {
  if (std::exchange(is_pulled_, true)) return;
  session_->send_pull(id_);
}

void ImportHook::open_watch(const std::shared_ptr<BrokenWatch>& watch) { session_->watch(watch); }

}  // namespace capnweb::detail
