// method_info.hpp: what the lines of a contract say.
#pragma once

#include <array>
#include <capnweb/detail/names.hpp>
#include <cstddef>
#include <span>
#include <string_view>
#include <type_traits>

namespace capnweb {

// Options of a method: names of its parameters, for error texts, and a comment, for the
// declarations that are made from contracts.
template <Text... Names>
struct Params {};
template <Text Words>
struct Doc {};
template <Text... Names>
inline constexpr Params<Names...> params{};
template <Text Words>
inline constexpr Doc<Words> doc{};

namespace detail {

// What a method's further template arguments may be: a literal, its name on the wire, or an option.
template <class Tag, std::size_t N>
struct Option {
  char chars[N];
  consteval Option(const char (&literal)[N]) {
    for (std::size_t i = 0; i < N; ++i) chars[i] = literal[i];
  }
};
template <class Tag>
struct Option<Tag, 0> {
  consteval Option(Tag) {}
};
template <std::size_t N>
Option(const char (&)[N]) -> Option<void, N>;
template <class Tag>
Option(Tag) -> Option<Tag, 0>;

// One line of a contract, as run-time code sees it.
struct MethodInfo {
  std::string_view name;  // on the wire
  std::span<const std::string_view> parameters = {};
  std::string_view doc = {};
  bool is_property = false;
};

template <Text... Names>
inline constexpr std::array<std::string_view, sizeof...(Names)> kTexts{Names.view()...};

template <std::size_t N>
constexpr void apply(MethodInfo& info, const Option<void, N>& name) {
  info.name = {name.chars, N - 1};
}
template <Text... Names>
constexpr void apply(MethodInfo& info, const Option<Params<Names...>, 0>&) {
  info.parameters = kTexts<Names...>;
}
template <Text Words>
constexpr void apply(MethodInfo& info, const Option<Doc<Words>, 0>&) {
  info.doc = kTexts<Words>[0];
}

template <auto Member, Option... Options>
constexpr MethodInfo make_info(bool is_property) {
  MethodInfo info{.name = name_of_constant<Member>(), .is_property = is_property};
  (apply(info, Options), ...);
  return info;
}

// A handler's type without its object: R(A...). A handler is a member function, a function or
// captureless lambda whose first parameter is the object, or, for a property, a data member.
template <class Member>
struct Signature;
template <class R, class C, class... A>
struct Signature<R (C::*)(A...)> {
  using type = R(A...);
};
template <class R, class C, class... A>
struct Signature<R (C::*)(A...) const> {
  using type = R(A...);
};
template <class R, class C, class... A>
struct Signature<R (C::*)(A...) noexcept> {
  using type = R(A...);
};
template <class R, class C, class... A>
struct Signature<R (C::*)(A...) const noexcept> {
  using type = R(A...);
};
template <class R, class C, class... A>
struct Signature<R (*)(C&, A...)> {
  using type = R(A...);
};
template <class R, class C, class... A>
struct Signature<R (*)(C&, A...) noexcept> {
  using type = R(A...);
};
template <class F, class C>
  requires(!std::is_function_v<F>)
struct Signature<F C::*> {
  using type = F();
};
template <class Lambda>
  requires std::is_class_v<Lambda>
struct Signature<Lambda> : Signature<decltype(+std::declval<Lambda>())> {};

template <auto Member>
using signature = typename Signature<std::remove_cv_t<decltype(Member)>>::type;

template <class Sig>
struct Returned;
template <class R, class... A>
struct Returned<R(A...)> {
  using type = R;
};

}  // namespace detail
}  // namespace capnweb
