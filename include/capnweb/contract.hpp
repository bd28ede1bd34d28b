// contract.hpp: what callers can reach of a class.
//
//   struct Calculator {
//     double add(double left, double right) { return left + right; }
//     capnweb::Task<double> slow_add(double left, double right);
//     double total = 0;
//
//     struct Rpc {  // the whole contract: what is not listed cannot be reached
//       capnweb::Method<&Calculator::add, capnweb::params<"left", "right">> add;
//       capnweb::Method<&Calculator::slow_add, "slowAdd"> slow_add;
//       capnweb::Property<&Calculator::total> total;
//     };
//   };
//
// The same struct is the client's view, `stub->add(1, 2)`, and the server's table of handlers. A
// contract may inherit others, belong to an abstract class, or stand outside of the class as a
// specialisation of capnweb::Contract<T>, where free functions and lambdas that take a T& first do
// as well.
//
// Handlers take values or const references (also std::string_view and std::span<const std::byte>),
// which live until the call has ended; trailing std::optional parameters may be left out by
// callers; a parameter of type std::stop_token is not on the wire, it tells that the caller has
// gone. They return values, Task<T>, Promise<T>, and objects as Stub<T>, std::unique_ptr<T> or
// std::shared_ptr<T>. An argument that does not fit is a TypeError, and the handler does not run.
#pragma once

#include <array>
#include <capnweb/convert.hpp>
#include <capnweb/detail/callable.hpp>
#include <capnweb/detail/contract_table.hpp>
#include <capnweb/detail/method_info.hpp>
#include <capnweb/stub.hpp>
#include <cstddef>
#include <memory>
#include <utility>

namespace capnweb {

// One line of a contract: a method that callers can reach, under its own name or, as a literal,
// another one; with names of its parameters for error texts, and a comment for the declarations
// that are made from contracts.
//
//   Method<&C::add, "plus", params<"left", "right">, doc<"Adds two numbers.">> add;
template <auto Member, detail::Option... Options>
class Method
    : public detail::Callable<Method<Member, Options...>, Member, detail::signature<Member>> {
 public:
  static constexpr detail::MethodInfo kInfo = detail::make_info<Member, Options...>(false);
  using detail::Callable<Method, Member, detail::signature<Member>>::Callable;
};

// One line of a contract: a data member, or a getter without parameters. On the client it stands
// for a promise of the value, which is asked for where it is used: awaited, or sent as an argument.
template <auto Member, detail::Option... Options>
class Property {
 public:
  static constexpr detail::MethodInfo kInfo = detail::make_info<Member, Options...>(true);
  using promised = detail::answer<typename detail::Returned<detail::signature<Member>>::type>;

  constexpr Property(detail::Binding binding) noexcept : receiver_(binding.receiver) {}
  template <class T, std::size_t N>
  constexpr Property(detail::Registrar<T, N>& registrar) : receiver_(nullptr) {
    detail::check_result<Member, typename detail::Returned<detail::signature<Member>>::type>();
    registrar.template add<Member, kInfo>();
  }
  Property(const Property&) = delete;  // it points into its stub

  Promise<promised> promise() const { return Promise<promised>(ref()); }
  auto operator co_await() const { return promise().operator co_await(); }
  Promise<promised> operator->() const
    requires detail::is_a<promised, Stub>
  {
    return promise();
  }
  template <class M>
  auto operator[](M member) const {
    return promise()[member];
  }
  // As for Promise.
  template <class F>
  auto map(F&& callback) const {
    return promise().map(std::forward<F>(callback));
  }
  detail::PromiseRef ref() const { return detail::member_of(*receiver_, kInfo.name); }

 private:
  const detail::Receiver* receiver_;
};

namespace detail {

// Collects the rows while a contract is built at compile time. A method of a derived contract
// replaces the base's of the same name.
template <class T, std::size_t N>
struct Registrar : Initializer {
  std::array<Row, N> rows{};  // in the order of find_row()
  std::size_t size = 0;

  template <auto Member, const MethodInfo& Info>
  constexpr void add() {
    const Row row{Info.name, &Info, &invoke<T, Member>};
    std::size_t place = 0;
    while (place < size && row_before(rows[place], row)) ++place;
    // A name that is there already is replaced: a derived contract's overrides.
    if (place == size || rows[place].name != row.name)
      for (std::size_t i = size++; i > place; --i) rows[i] = rows[i - 1];
    rows[place] = row;
  }
};

template <class T>
constexpr auto make_rows() {
  using Rpc = rpc_of<T>;
  constexpr std::size_t kMembers = count_members<Rpc>();
  Registrar<T, kMembers> registrar;
  static_cast<void>(make_rpc<Rpc>(registrar, std::make_index_sequence<kMembers>{}));
  return registrar;
}
template <class T>
inline constexpr auto kRows = make_rows<T>();
template <class T>
inline constexpr ContractTable kTable{name_of_type<T>(), {kRows<T>.rows.data(), kRows<T>.size}};

template <class T>
HookRef make_contract_target(std::shared_ptr<T> object) {
  if (!object) return nullptr;
  return make_table_target(std::move(object), kTable<T>);
}

}  // namespace detail

}  // namespace capnweb
