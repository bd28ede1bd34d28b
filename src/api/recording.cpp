#include <capnweb/detail/recording.hpp>

#include "cap/map_recorder.hpp"

namespace capnweb::detail {

namespace {

std::unique_ptr<MapRecorder> record(const Receiver& receiver) {
  check_not_empty(*receiver.hook);
  const bool is_member = receiver.path && *receiver.path;
  return std::make_unique<MapRecorder>(*receiver.hook, is_member ? **receiver.path : PathView());
}

}  // namespace

Recording::Recording(Receiver receiver) : recorder_(record(receiver)) {}
Recording::~Recording() = default;

HookRef Recording::input() const { return recorder_->input(); }
HookRef Recording::finish(const Value& result) { return recorder_->finish(result); }

}  // namespace capnweb::detail
