// generator.hpp: coroutines that feed streams.
#pragma once

#include <capnweb/detail/compiler.hpp>
#include <capnweb/detail/generator.hpp>
#include <capnweb/detail/handler.hpp>
#include <capnweb/stream.hpp>
#include <concepts>
#include <coroutine>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

namespace capnweb {

// A coroutine that yields the chunks of a stream. It runs when a chunk is asked for, up to its next
// co_yield, so it is never ahead of its reader; it may await whatever it likes in between. A
// handler that returns one gives its caller a ReadableStream; elsewhere a ReadableStream is made of
// it. What it throws fails the stream.
//
//   capnweb::Generator<int> count(int limit) {
//     for (int i = 0; i < limit; ++i) co_yield i;
//   }
//
// When nobody reads any more, it is destroyed where it stands if that is a co_yield; while it waits
// for something else its stop token (a parameter of a handler) is requested, and it is destroyed at
// its next co_yield.
template <class T>
class [[nodiscard]] Generator {
 public:
  static_assert(!std::is_reference_v<T>, "capnweb: a Generator's chunks are values");
  using Item = T;

  class promise_type : public detail::GeneratorState {
   public:
    Generator get_return_object() noexcept {
      return Generator(std::coroutine_handle<promise_type>::from_promise(*this));
    }
    template <class U = T>
      requires std::convertible_to<U, T>
    auto yield_value(U&& chunk) {
      static_assert(!detail::is_risky<U>(),
                    "capnweb: g++ 12.2 would destroy this temporary twice. "
                    "Write: T chunk = ...; co_yield chunk;");
      chunk_.emplace(std::forward<U>(chunk));
      return Pause(*this);
    }
    T take() { return *std::exchange(chunk_, std::nullopt); }

   private:
    std::optional<T> chunk_;
  };

  Generator(Generator&& other) noexcept : coroutine_(std::exchange(other.coroutine_, nullptr)) {}
  Generator& operator=(Generator&& other) noexcept {
    std::swap(coroutine_, other.coroutine_);
    return *this;
  }
  ~Generator() {
    if (coroutine_) coroutine_.destroy();
  }

  // The stream that it feeds.
  operator ReadableStream<T>() &&;

  // For the library.
  std::coroutine_handle<promise_type> handle() const noexcept { return coroutine_; }

 private:
  explicit Generator(std::coroutine_handle<promise_type> coroutine) noexcept
      : coroutine_(coroutine) {}
  std::coroutine_handle<promise_type> coroutine_;
};

namespace detail {

template <class T>
class TypedGenerator : public GeneratorFrame {
 protected:
  // REQUIRES: set by the derived class before it is run, destroyed before what it refers to.
  virtual const Generator<T>& generator() const noexcept = 0;

 private:
  std::coroutine_handle<> coroutine() const noexcept final { return generator().handle(); }
  GeneratorState& state() const noexcept final { return generator().handle().promise(); }
  Value take_chunk() final { return Convert<T>::encode(generator().handle().promise().take()); }
};

template <class T>
class LoneGenerator final : public TypedGenerator<T> {
 public:
  explicit LoneGenerator(Generator<T> generator) : generator_(std::move(generator)) {}

 private:
  const Generator<T>& generator() const noexcept override { return generator_; }
  Generator<T> generator_;
};

template <class T>
HookRef source_of(Generator<T> generator) {
  return make_generator_source(std::make_unique<LoneGenerator<T>>(std::move(generator)));
}

template <class T>
struct Answer<Generator<T>> {
  using type = ReadableStream<T>;
};

// A handler that is a generator: the object, the received values and the decoded arguments live as
// long as it does.
template <class T, class... A>
struct Handler<Generator<T>(A...)> {
  class Running final : public TypedGenerator<T> {
   public:
    explicit Running(const IncomingCall& call)
        : object_(call.object), arguments_(std::move(call.arguments)) {}
    bool start_handler(const IncomingCall& call, Generator<T> (*target)(void*, A&&...)) {
      if (!slots_.decode(call, arguments_)) return false;
      slots_.set_stop_token(*this);
      generator_.emplace(slots_.template call<Generator<T>>(object_.get(), target));
      return true;
    }

   private:
    const Generator<T>& generator() const noexcept override { return *generator_; }

    std::shared_ptr<void> object_;
    Array arguments_;
    ArgumentSlots<std::index_sequence_for<A...>, A...> slots_;
    std::optional<Generator<T>> generator_;  // refers to what stands above
  };

  static void run(IncomingCall& call, Generator<T> (*target)(void*, A&&...)) {
    call.is_refused = call.plain != nullptr;  // a stream is no plain call
    if (call.is_refused) return;
    auto running = std::make_unique<Running>(call);
    if (running->start_handler(call, target))
      call.result = Value(ReadableRef{make_generator_source(std::move(running))});
  }
};

}  // namespace detail

template <class T>
Generator<T>::operator ReadableStream<T>() && {
  return ReadableStream<T>(detail::source_of(std::move(*this)));
}

template <class T>
struct Convert<Generator<T>> {
  static constexpr bool kPromiseFree = true;
  static Value encode(Generator<T> generator) {
    return Value(detail::ReadableRef{detail::source_of(std::move(generator))});
  }
};

}  // namespace capnweb
