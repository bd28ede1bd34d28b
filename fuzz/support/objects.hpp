// objects.hpp: local objects whose methods do what applications do with what they are given.
#pragma once

#include <capnweb/detail/local_object.hpp>
#include <capnweb/detail/resolver.hpp>
#include <capnweb/value.hpp>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace capnweb::fuzz {

// What the objects of one run share.
struct World {
  int objects = 0;                       // that are alive
  std::size_t calls = 0;                 // of their methods
  std::deque<detail::Resolver> open;     // promises that were given out
  std::vector<Value> kept;               // arguments that were kept
  std::vector<detail::HookRef> results;  // of calls that handlers made
  std::function<void()> stop;            // ends the session
  std::function<void(std::string_view)> feed;

  // Settles the promise that was given out first, if there is one.
  void resolve_first(Value value);
  void reject_first();
  // A promise that somebody will settle, or that is broken when the run ends.
  Value give_promise();
  Value make_object();
  // A stream to write to that takes its time.
  Value make_sink();
  // Lets everything go; what that causes may put something back, so it is done until nothing is.
  void clear();
};

class Servant final : public detail::LocalObject {
 public:
  explicit Servant(World& world) : world_(world) { ++world_.objects; }
  // An object that calls something when it goes.
  Servant(World& world, detail::HookRef told) : Servant(world) { told_ = std::move(told); }
  ~Servant() override;

  bool call(std::string_view method, Array& arguments, Value& result) override;
  bool get(std::string_view property, Value& result) override;
  bool has_method(std::string_view name) const override;

 private:
  World& world_;
  detail::HookRef told_;
};

// The capability or promise that a value is, or null.
detail::HookRef hook_in(const Value& value);

}  // namespace capnweb::fuzz
