// reflect.hpp: the members of structs and the enumerators of enums, with their names.
#pragma once

#include <array>
#include <capnweb/detail/conversion.hpp>
#include <capnweb/detail/names.hpp>
#include <capnweb/detail/visit_fields.hpp>
#include <concepts>
#include <cstddef>
#include <exception>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

namespace capnweb {

// The members of a class that travel, for classes whose members the compiler cannot list
// (structs.hpp).
template <auto... Members>
struct Fields {};

// The Fields of a class that cannot be changed: specialise it, deriving from Fields.
template <class T>
struct FieldsOf;

namespace detail {

template <class T>
concept ListsFields = requires { typename T::Fields; } || requires { sizeof(FieldsOf<T>); };

template <class T>
struct UnwrapOptional {
  using type = T;
};
template <class T>
struct UnwrapOptional<std::optional<T>> {
  using type = T;
};
template <class T>
using unwrap_optional = typename UnwrapOptional<T>::type;

// ---- Counting the members of an aggregate

// Initializes a member of any type. Not a base: those have no name to travel under. Never called;
// it has a body because clang asks for one where T is local to a file.
template <class T>
struct AnyField {
  template <class F>
    requires(!std::is_base_of_v<F, T>)
  operator F() const noexcept {
    std::terminate();
  }
};
template <class T>
struct AnyBase {
  template <class B>
    requires(std::is_base_of_v<B, T> && !std::same_as<B, T>)
  operator B() const noexcept {
    std::terminate();
  }
};

template <class T, std::size_t... I>
constexpr bool takes_fields(std::index_sequence<I...>) {
  return requires { T{(void(I), AnyField<T>{})...}; };
}
// The largest number of initializers that fits. Fewer than all fit as well, unless the members left
// out cannot be default-constructed; so the fitting numbers are a range.
template <class T, bool Found = false, std::size_t N = 1>
constexpr std::size_t count_initializers() {
  if constexpr (N > kMostFields + 1) {
    return Found ? N : 0;
  } else {
    constexpr bool kFits = takes_fields<T>(std::make_index_sequence<N>{});
    if constexpr (Found && !kFits)
      return N - 1;
    else
      return count_initializers<T, kFits, N + 1>();
  }
}

template <class T>
constexpr std::size_t count_fields() {
  if constexpr (std::is_empty_v<T>) {
    return 0;
  } else {
    constexpr std::size_t kCount = count_initializers<T>();
    constexpr bool kIsFlat = !requires { T{AnyBase<T>{}}; } && kCount > 0 && kCount <= kMostFields;
    static_assert(kIsFlat,
                  "capnweb: this struct has a base, a reference or more than 64 members: "
                  "list them with capnweb::Fields");
    return kIsFlat ? kCount : 0;
  }
}

// ---- Names of members

template <std::size_t I, class F>
struct FieldPlace {
  F* place;
};
template <class Indexes, class... F>
struct FieldPlaces;
template <std::size_t... I, class... F>
struct FieldPlaces<std::index_sequence<I...>, F...> : FieldPlace<I, F>... {};
template <std::size_t I, class F>
constexpr F* place_of(const FieldPlace<I, F>& place) {
  return place.place;
}

// A place for a T that never exists: its members have addresses, and so names.
template <class T>
union NeverBuilt {
  char none;
  T value;
  constexpr NeverBuilt() : none{} {}
  constexpr ~NeverBuilt() {}
};
template <class T>
inline constinit const NeverBuilt<T> kNeverBuilt{};  // constexpr fails on clang 16

template <class T>
struct MemberAddress {  // a bare pointer as a template argument fails on clang 16
  const T* address;
};
template <class T>
MemberAddress(const T*) -> MemberAddress<T>;

template <class T>
constexpr auto places() {
  return visit_fields<count_fields<T>()>(kNeverBuilt<T>.value, []<class... F>(F&... fields) {
    return FieldPlaces<std::index_sequence_for<F...>, F...>{{&fields}...};
  });
}

[[noreturn]] void throw_unlisted_member();

// A flat aggregate.
template <class T>
struct Struct {
  static constexpr std::size_t kSize = count_fields<T>();

  static constexpr std::array<std::string_view, kSize> names() {
    return []<std::size_t... I>(std::index_sequence<I...>) {
      return std::array<std::string_view, kSize>{
          name_of_constant<MemberAddress{place_of<I>(places<T>())}>()...};
    }(std::make_index_sequence<kSize>{});
  }
  static constexpr decltype(auto) visit(auto& object, auto&& visitor) {
    return visit_fields<kSize>(object, visitor);
  }
  // The name of a member: that of the one at the same place of an object that never exists.
  template <class F>
  static std::string_view name(F T::* member) {
    const void* wanted = &(kNeverBuilt<T>.value.*member);
    constexpr auto kNames = names();
    const auto fields = visit(kNeverBuilt<T>.value, [](auto&... field) {
      return std::array<const void*, kSize>{&field...};
    });
    for (std::size_t i = 0; i < kSize; ++i)
      if (fields[i] == wanted) return kNames[i];
    throw_unlisted_member();
  }
};

// ---- Classes that list their fields

// A field under another name.
template <auto Member, Text Name>
struct NamedField {};

template <class Field>
struct Renamed : std::false_type {};
template <auto Member, Text Name>
struct Renamed<NamedField<Member, Name>> : std::true_type {
  static constexpr auto kMember = Member;
  static constexpr auto kName = Name;
};

template <auto Field>
struct FieldInfo {
  static constexpr auto kMember = Field;
  static constexpr std::string_view kName = name_of_constant<Field>();
};
template <auto Field>
  requires Renamed<std::remove_cv_t<decltype(Field)>>::value
struct FieldInfo<Field> {
  using Source = Renamed<std::remove_cv_t<decltype(Field)>>;
  static constexpr auto kMember = Source::kMember;
  static constexpr std::string_view kName = Source::kName.view();
};

template <class T, auto... Members>
struct ListedStruct {
  static constexpr std::size_t kSize = sizeof...(Members);

  static constexpr std::array<std::string_view, kSize> names() {
    return {FieldInfo<Members>::kName...};
  }
  static constexpr decltype(auto) visit(auto& object, auto&& visitor) {
    return visitor(object.*FieldInfo<Members>::kMember...);
  }
  template <class F>
  static std::string_view name(F T::* member) {
    std::string_view found;
    (compare<Members>(member, found), ...);
    if (found.empty()) throw_unlisted_member();
    return found;
  }

 private:
  template <auto Field, class F>
  static void compare(F T::* member, std::string_view& found) {
    if constexpr (std::convertible_to<decltype(FieldInfo<Field>::kMember), F T::*>)
      if (FieldInfo<Field>::kMember == member) found = FieldInfo<Field>::kName;
  }
};

template <class T, auto... Members>
ListedStruct<T, Members...> listed_struct(const Fields<Members...>&);

template <class T>
struct StructOf {
  using type = Struct<T>;
};
template <class T>
  requires requires { typename T::Fields; }
struct StructOf<T> {
  using type = decltype(listed_struct<T>(std::declval<typename T::Fields>()));
};
template <class T>
  requires requires { sizeof(FieldsOf<T>); }
struct StructOf<T> {
  using type = decltype(listed_struct<T>(std::declval<FieldsOf<T>>()));
};

template <class T, class F>
std::string_view member_name(F T::* member) {
  return StructOf<T>::type::name(member);
}

}  // namespace detail
}  // namespace capnweb
