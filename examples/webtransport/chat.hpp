// chat.hpp: a room in which everybody hears what anybody says.
#pragma once

#include <capnweb/capnweb.hpp>
#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <utility>

using Listener = capnweb::Function<void(std::string)>;

// What all sessions share.
class Room {
 public:
  std::size_t enter(Listener listener) {
    listeners_.emplace(++last_, std::move(listener));
    return last_;
  }
  void leave(std::size_t place) { listeners_.erase(place); }
  // Nobody waits for those who are slow.
  void say(const std::string& line) const {
    for (const auto& [place, listener] : listeners_) listener(line).detach();
  }

 private:
  std::map<std::size_t, Listener> listeners_;
  std::size_t last_ = 0;
};

// The main object of a session. When the session ends it is destroyed, and has left the room.
class Member {
 public:
  explicit Member(std::shared_ptr<Room> room) : room_(std::move(room)) {}
  Member(const Member&) = delete;
  Member& operator=(const Member&) = delete;
  ~Member() { leave(); }

  // From now on the client is called with each line.
  void join(std::string name, Listener listener) {
    leave();
    name_ = std::move(name);
    place_ = room_->enter(std::move(listener));
    room_->say(name_ + " is here");
  }
  void say(const std::string& text) const {
    if (place_ == 0) throw capnweb::Error("join first");
    room_->say(name_ + ": " + text);
  }

  struct Rpc {
    capnweb::Method<&Member::join> join;
    capnweb::Method<&Member::say> say;
  };

 private:
  void leave() {
    if (place_ == 0) return;
    room_->leave(std::exchange(place_, 0));
    room_->say(name_ + " has left");
  }

  std::shared_ptr<Room> room_;
  std::string name_;
  std::size_t place_ = 0;
};
