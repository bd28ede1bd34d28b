// contract_view.hpp: a contract as an object, made member by member from one initializer.
#pragma once

#include <capnweb/detail/conversion.hpp>
#include <capnweb/detail/receiver.hpp>
#include <cstddef>
#include <type_traits>
#include <utility>

namespace capnweb::detail {

// `T::Rpc`, or the Contract outside the class. Only asked where T is complete: an answer for an
// incomplete type would stick.
template <class T>
struct RpcOf {
  using type = Contract<T>;
};
template <class T>
  requires requires { typename T::Rpc; }
struct RpcOf<T> {
  using type = typename T::Rpc;
};
template <class T>
using rpc_of = typename RpcOf<T>::type;

// What all members of a contract are made from; an empty base of a contract takes one too.
struct Initializer {
  template <class Base>
    requires std::is_empty_v<Base> && std::is_aggregate_v<Base>
  constexpr operator Base() const {
    return {};
  }
};

// Makes the members of a client's view: each points at the receiver of its calls.
struct Binding : Initializer {
  const Receiver* receiver;
  constexpr explicit Binding(const Receiver* r) noexcept : receiver(r) {}
};

// A contract is an aggregate, perhaps with bases, whose members are all made from the same
// initializer. Their number is the one number of initializers that fits (a Method has no default
// constructor); the size only guesses it.
#if defined(__clang__)
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wmissing-braces"  // base contracts rely on brace elision
#endif
template <class Rpc, class Init, std::size_t... I>
constexpr Rpc make_rpc(Init& init, std::index_sequence<I...>) {
  return Rpc{(void(I), init)...};
}
template <class Rpc, std::size_t... I>
constexpr bool rpc_takes(std::index_sequence<I...>) {
  return requires(Binding& init) { Rpc{(void(I), init)...}; };
}
#if defined(__clang__)
#pragma clang diagnostic pop
#endif

template <class Rpc>
inline constexpr std::size_t kGuessedMembers =
    std::is_empty_v<Rpc> ? 0 : sizeof(Rpc) / sizeof(Binding);

template <class Rpc, std::size_t N = 0>
constexpr std::size_t search_members() {
  if constexpr (rpc_takes<Rpc>(std::make_index_sequence<N>{})) {
    return N;
  } else if constexpr (N < kGuessedMembers<Rpc> + 8) {
    return search_members<Rpc, N + 1>();
  } else {
    return static_cast<std::size_t>(-1);
  }
}

template <class Rpc>
constexpr std::size_t count_members() {
  if constexpr (rpc_takes<Rpc>(std::make_index_sequence<kGuessedMembers<Rpc>>{})) {
    return kGuessedMembers<Rpc>;
  } else {
    constexpr std::size_t kFound = search_members<Rpc>();
    static_assert(
        kFound != static_cast<std::size_t>(-1),
        "capnweb: a contract has only public bases and members of type Method or Property");
    return kFound == static_cast<std::size_t>(-1) ? 0 : kFound;
  }
}

// The client's view of a contract. It lives for one expression and points at the stub; trivial to
// destroy, so it costs a coroutine nothing.
template <class Rpc>
class ContractView {
 public:
  explicit ContractView(Receiver receiver)
      : ContractView(receiver, std::make_index_sequence<count_members<Rpc>()>{}) {}
  ContractView(const ContractView&) = delete;
  ContractView& operator=(const ContractView&) = delete;

  const Rpc* operator->() const noexcept { return &rpc_; }

 private:
  template <std::size_t... I>
  ContractView(Receiver receiver, std::index_sequence<I...> members)
      : receiver_(receiver), rpc_(make(&receiver_, members)) {}
  template <class Members>
  static Rpc make(const Receiver* receiver, Members members) {
    Binding binding(receiver);
    return make_rpc<Rpc>(binding, members);
  }

  Receiver receiver_;
  Rpc rpc_;
};

}  // namespace capnweb::detail
