// session.cpp: the public handle.
#include <capnweb/session.hpp>
#include <utility>

#include "session/session_core.hpp"

namespace capnweb {

// Held by all handles of a session that has no transport of the library's: without them nobody can
// feed it any more, so it ends.
class Session::Owner {
 public:
  explicit Owner(detail::Ref<detail::SessionCore> core) : core_(std::move(core)) {}
  ~Owner() { core_->close(); }
  Owner(const Owner&) = delete;
  Owner& operator=(const Owner&) = delete;

 private:
  detail::Ref<detail::SessionCore> core_;
};

Session::Session(Value local_main, SessionOptions options)
    : Session(detail::make_ref<detail::SessionCore>(std::move(local_main), std::move(options))) {
  owner_ = std::make_shared<Owner>(core_);
}

Session::Session(detail::Ref<detail::SessionCore> core)
    : core_(std::move(core)), main_(core_->remote_main()) {}

Session::Session(const Session&) = default;
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(const Session&) = default;
Session& Session::operator=(Session&&) noexcept = default;
Session::~Session() = default;

Session::Stats Session::stats() const noexcept { return core_->stats(); }
bool Session::is_drained() const noexcept { return core_->is_drained(); }
Promise<void> Session::drain() const { return Promise<void>(core_->drain()); }
void Session::close() { core_->close(); }
void Session::abort(Error reason) { core_->abort(std::move(reason)); }
const Error* Session::end_reason() const noexcept { return core_->end_reason(); }
std::shared_ptr<void> Session::on_broken(detail::Callback<const Error&> callback) {
  return core_->on_broken(std::move(callback));
}
void Session::receive(std::string_view message) { core_->receive(message); }
void Session::take_output(Outbox& out) { core_->take_output(out); }
bool Session::has_output() const noexcept { return core_->has_output(); }
void Session::on_output(std::function<void()> signal) { core_->on_output(std::move(signal)); }
void Session::disconnected(Error reason) { core_->disconnected(std::move(reason)); }

}  // namespace capnweb
