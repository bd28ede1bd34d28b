// handler.hpp: decoding a call's arguments, running its handler, encoding what it gives.
#pragma once

#include <capnweb/detail/call_memory.hpp>
#include <capnweb/detail/call_meter.hpp>
#include <capnweb/detail/conversion.hpp>
#include <capnweb/detail/method_info.hpp>
#include <capnweb/detail/plain.hpp>
#include <capnweb/detail/resolver.hpp>
#include <capnweb/detail/task_scope.hpp>
#include <capnweb/promise.hpp>
#include <capnweb/task.hpp>
#include <concepts>
#include <coroutine>
#include <cstddef>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace capnweb::detail {

// One call on its way to a handler.
struct IncomingCall {
  const std::shared_ptr<void>& object;  // of the class that the row belongs to
  std::string_view type;                // that class, for error texts
  const MethodInfo& info;
  Array& arguments;
  Value& result;
  // Arguments that are still text, in place of those above. A handler that does not take them so
  // is not run: the call is refused.
  const PlainArguments* plain = nullptr;
  std::string* text = nullptr;  // where the expression of a result may go instead
  bool is_refused = false;
};

// What a caller gets for what a handler returns.
template <class R>
struct Answer {
  using type = std::remove_cvref_t<R>;
};
template <>
struct Answer<std::string_view> {
  using type = std::string;
};
template <>
struct Answer<std::span<const std::byte>> {
  using type = Bytes;
};
template <class T>
struct Answer<Task<T>> : Answer<T> {};
template <class T>
struct Answer<Promise<T>> {
  using type = T;
};
template <class T>
struct Answer<std::shared_ptr<T>> {
  using type = Stub<T>;
};
template <class T>
struct Answer<std::unique_ptr<T>> {
  using type = Stub<T>;
};
template <class R>
using answer = typename Answer<std::remove_cvref_t<R>>::type;

template <class R>
Value encode_result(R&& result) {
  using Plain = std::remove_cvref_t<R>;
  if constexpr (PromiseLike<Plain>) {
    return Value(result.ref());
  } else {
    return Convert<Plain>::encode(std::forward<R>(result));
  }
}

// The result of a call: printed at once if it is a container of plain data, and may be.
template <class R>
void give_result(IncomingCall& call, R&& result) {
  using Plain = std::remove_cvref_t<R>;
  if constexpr (HasParts<Plain>) {
    if constexpr (is_plain<Plain>) {
      if (call.text) {
        PlainWriter writer;
        Convert<Plain>::write(writer, result);
        *call.text = writer.take();
        if (!call.text->empty()) return;
      }
    }
  }
  call.result = encode_result(std::forward<R>(result));
}

// Why an argument does not fit: the promise that a call is answered with then.
Value bad_argument(const IncomingCall& call, std::size_t index, const Mismatch& why);
// An argument; undefined if it is missing, as in JavaScript.
Value& argument_at(Array& arguments, std::size_t index, Value& undefined);

// A handler's task that runs for a call: while it is suspended it owns itself, or the scope it was
// started in does.
class RunningTask : public CallMemory, private ScopedWork {
 public:
  ~RunningTask() override = default;

  // Starts the task. If it ends at once, gives its result, or throws what it threw; otherwise the
  // promise of it. The task and its arguments are destroyed before the promise is settled (O-2).
  static Value start(std::unique_ptr<RunningTask> running);

  // Requested when the caller has dropped its promise (M-25).
  std::stop_token stop_token() { return resolver().stop_token(); }

 private:
  virtual std::coroutine_handle<> coroutine() const noexcept = 0;
  virtual TaskState& state() const noexcept = 0;
  // The result of the task, which has ended; throws what the task threw.
  virtual Value take_result() = 0;
  static void ended(void* running) noexcept;
  Resolver& resolver();
  void scope_ended() noexcept override { delete this; }

  std::optional<Resolver> resolver_;
  CallMeter::Lease lease_;  // while it is suspended
};

// A RunningTask for a task whose type is known.
template <class R>
class TypedTask : public RunningTask {
 protected:
  // REQUIRES: set by the derived class before start(), destroyed before what it refers to.
  virtual const Task<R>& task() const noexcept = 0;

 private:
  std::coroutine_handle<> coroutine() const noexcept final { return task().handle(); }
  TaskState& state() const noexcept final { return task().handle().promise(); }
  Value take_result() final {
    if constexpr (std::is_void_v<R>) {
      task().handle().promise().take();
      return {};
    } else {
      return encode_result(task().handle().promise().take());
    }
  }
};

template <class A>
inline constexpr bool is_stop_token = std::same_as<std::remove_cvref_t<A>, std::stop_token>;

// A decoded argument. What a `const A&` or a view parameter refers to lives here and in the call's
// array.
template <std::size_t I, class A>
struct ArgumentSlot {
  std::optional<A> value;
};

template <class Indexes, class... A>
struct ArgumentSlots;
template <std::size_t... I, class... A>
struct ArgumentSlots<std::index_sequence<I...>, A...> : ArgumentSlot<I, std::remove_cvref_t<A>>... {
  template <std::size_t J>
  static constexpr std::size_t kWireIndex = ((I < J && !is_stop_token<A> ? 1 : 0) + ... + 0);

  // Whether the arguments may be read from text; those that point into it live as long as the call
  // is being made.
  template <bool OutlivesCall>
  static constexpr bool kIsPlain = ((!is_stop_token<A> && is_plain<std::remove_cvref_t<A>> &&
                                     !(OutlivesCall && is_borrowed<std::remove_cvref_t<A>>)) &&
                                    ...);

  // False if an argument is not what is usually sent, or if there are more of them, or fewer.
  bool read(const PlainArguments& arguments) {
    if (arguments.json.size() != sizeof...(A)) return false;
    [[maybe_unused]] auto next = arguments.json.begin();
    return (read_one<I, std::remove_cvref_t<A>>(next, arguments.room) && ...);
  }

  // False, and the call's result says why, if an argument does not fit.
  bool decode(const IncomingCall& call, Array& arguments) {
    [[maybe_unused]] Value undefined;
    Mismatch why;
    return (decode_one<I, std::remove_cvref_t<A>>(call, arguments, undefined, why) && ...);
  }
  template <class Running>  // has stop_token()
  void set_stop_token(Running& running) {
    (set_one<I, std::remove_cvref_t<A>>(running), ...);
  }
  // By-value parameters are moved out of the slots, `const T&` refer to them.
  template <class R>
  R call(void* object, R (*target)(void*, A&&...)) {
    return target(object, static_cast<A&&>(*ArgumentSlot<I, std::remove_cvref_t<A>>::value)...);
  }

 private:
  template <std::size_t J, class T>
  bool read_one(JsonView::Iterator& next, std::size_t room) {
    ArgumentSlot<J, T>::value = Convert<T>::read(*next, room);
    ++next;
    return ArgumentSlot<J, T>::value.has_value();
  }
  template <std::size_t J, class T>
  bool decode_one(const IncomingCall& call, Array& arguments, Value& undefined, Mismatch& why) {
    if constexpr (!is_stop_token<T>) {
      std::optional<T>& slot = ArgumentSlot<J, T>::value;
      slot = Convert<T>::decode(std::move(argument_at(arguments, kWireIndex<J>, undefined)), why);
      if (slot) return true;
      call.result = bad_argument(call, kWireIndex<J>, why);
      return false;
    } else {
      return true;
    }
  }
  template <std::size_t J, class T, class Running>
  void set_one(Running& running) {
    if constexpr (is_stop_token<T>) ArgumentSlot<J, T>::value = running.stop_token();
  }
};

// Runs handlers of one signature; shared by all methods that have it.
template <class Sig>
struct Handler;
template <class R, class... A>
struct Handler<R(A...)> {
  using Slots = ArgumentSlots<std::index_sequence_for<A...>, A...>;
  static_assert(!(is_stop_token<A> || ...),
                "capnweb: only a handler that returns a Task can take a std::stop_token");

  static void run(IncomingCall& call, R (*target)(void*, A&&...)) {
    Slots slots;
    if (!take_arguments(call, slots)) return;
    if constexpr (std::is_void_v<R>) {
      slots.template call<R>(call.object.get(), target);
    } else {
      give_result(call, slots.template call<R>(call.object.get(), target));
    }
  }

 private:
  static bool take_arguments(IncomingCall& call, Slots& slots) {
    if (!call.plain) return slots.decode(call, call.arguments);
    if constexpr (Slots::template kIsPlain<false>) {
      if (slots.read(*call.plain)) return true;
    }
    call.is_refused = true;
    return false;
  }
};

// A handler that is a coroutine: the object, the received values and the decoded arguments live
// until its task has ended.
template <class R, class... A>
struct Handler<Task<R>(A...)> {
  using Slots = ArgumentSlots<std::index_sequence_for<A...>, A...>;
  static constexpr bool kIsPlain = Slots::template kIsPlain<true>;

  class Running final : public TypedTask<R> {
   public:
    explicit Running(const IncomingCall& call)
        : object_(call.object), arguments_(std::move(call.arguments)) {}
    bool start_handler(const IncomingCall& call, Task<R> (*target)(void*, A&&...)) {
      if constexpr (kIsPlain) {
        if (call.plain && !slots_.read(*call.plain)) return false;
      }
      if (!call.plain && !slots_.decode(call, arguments_)) return false;
      slots_.set_stop_token(*this);
      task_.emplace(slots_.template call<Task<R>>(object_.get(), target));
      return true;
    }

   private:
    const Task<R>& task() const noexcept override { return *task_; }

    std::shared_ptr<void> object_;
    Array arguments_;
    Slots slots_;
    std::optional<Task<R>> task_;  // refers to what stands above
  };

  static void run(IncomingCall& call, Task<R> (*target)(void*, A&&...)) {
    call.is_refused = call.plain && !kIsPlain;
    if (call.is_refused) return;
    auto running = std::make_unique<Running>(call);
    if (running->start_handler(call, target)) {
      call.result = RunningTask::start(std::move(running));
    } else {
      call.is_refused = call.plain != nullptr;
    }
  }
};

}  // namespace capnweb::detail
