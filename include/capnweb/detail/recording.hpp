// recording.hpp: one run of the callback of a map().
#pragma once

#include <capnweb/detail/receiver.hpp>
#include <capnweb/value.hpp>
#include <memory>

namespace capnweb::detail {

class MapRecorder;

// While it lives, calls made on this thread are written down instead of sent.
class Recording {
 public:
  // A map over what the receiver stands for. Throws std::logic_error if that is empty.
  explicit Recording(Receiver receiver);
  // Ends the recording; unless finish() was reached, nothing is sent.
  ~Recording();
  Recording(const Recording&) = delete;
  Recording& operator=(const Recording&) = delete;

  // The placeholder of the element.
  HookRef input() const;
  // Sends the map, whose callback has returned `result`, and gives the promise of its result.
  // Throws Error if it cannot be sent.
  HookRef finish(const Value& result);

 private:
  std::unique_ptr<MapRecorder> recorder_;
};

}  // namespace capnweb::detail
