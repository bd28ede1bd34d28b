// contract_table.hpp: the server's side of a contract: handlers by name.
#pragma once

#include <capnweb/detail/handler.hpp>
#include <capnweb/detail/local_object.hpp>
#include <capnweb/detail/method_info.hpp>
#include <functional>
#include <memory>
#include <span>
#include <string_view>

namespace capnweb::detail {

// One handler of a class.
struct Row {
  std::string_view name;
  const MethodInfo* info = nullptr;
  void (*invoke)(IncomingCall& call) = nullptr;
};

// By length, then by text: most steps of a search compare two numbers.
constexpr bool name_before(std::string_view a, std::string_view b) {
  return a.size() != b.size() ? a.size() < b.size() : a < b;
}
constexpr bool row_before(const Row& a, const Row& b) { return name_before(a.name, b.name); }

// All that callers can reach of a class.
struct ContractTable {
  std::string_view type;
  std::span<const Row> rows;  // in the order of row_before

  constexpr const Row* find(std::string_view name) const {
    std::size_t begin = 0, end = rows.size();
    while (begin < end) {
      const std::size_t middle = (begin + end) / 2;
      if (name_before(rows[middle].name, name))
        begin = middle + 1;
      else
        end = middle;
    }
    return begin < rows.size() && rows[begin].name == name ? &rows[begin] : nullptr;
  }
};

// A capability for an object behind a table. `table` must live for ever; `object` is not null.
HookRef make_table_target(std::shared_ptr<void> object, const ContractTable& table);

// Calls a member of a T: the only code that each row has for itself.
template <class T, auto Member, class Sig>
struct MemberCall;
template <class T, auto Member, class R, class... A>
struct MemberCall<T, Member, R(A...)> {
  static R call(void* object, A&&... arguments) {
    return std::invoke(Member, *static_cast<T*>(object), static_cast<A&&>(arguments)...);
  }
};

template <class T, auto Member>
void invoke(IncomingCall& call) {
  using Sig = signature<Member>;
  Handler<Sig>::run(call, &MemberCall<T, Member, Sig>::call);
}

}  // namespace capnweb::detail
