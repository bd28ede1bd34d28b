// structs.hpp: structs travel as objects, enums as the names of their enumerators.
#pragma once

#include <capnweb/detail/convert_containers.hpp>
#include <capnweb/detail/convert_numbers.hpp>
#include <capnweb/detail/convert_values.hpp>
#include <capnweb/detail/names.hpp>
#include <capnweb/detail/reflect.hpp>
#include <concepts>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace capnweb {

// Flat aggregates of up to 64 members travel as they are. A class with private members, bases,
// constructors or arrays lists what travels:
//
//   class Point {
//     double x_ = 0, y_ = 0;
//    public:
//     using Fields = capnweb::Fields<&Point::x_, capnweb::field<&Point::y_, "y">>;
//   };
//
// Such a class must be default-constructible. Members that are missing on arrival are undefined,
// which only optional ones may be; an empty optional member is left out; unknown ones are ignored.

// A member under another name.
template <auto Member, Text Name>
inline constexpr detail::NamedField<Member, Name> field{};

// The range in which enumerators are looked for; specialise it for an enum that has others.
template <class E>
struct EnumRange {
  static constexpr int kLeast = 0;
  static constexpr int kMost = 63;
};

namespace detail {

// Sets `key` of a struct's object; an empty optional is not there.
template <class F, class U>
void encode_field(Object& object, std::string_view name, U&& field) {
  static_assert(Encodable<F>,
                "capnweb: a member of this struct has a type that cannot cross; specialise "
                "capnweb::Convert or list the members that can with capnweb::Fields");
  if constexpr (is_a<F, std::optional>)
    if (!field) return;
  object.set(std::string(name), Convert<F>::encode(std::forward<U>(field)));
}

// A member's value, moved out of the object; undefined if there is none.
Value take_member(Object& object, std::string_view name);

template <class F>
bool decode_field(Object& object, std::string_view name, F& field, Mismatch& why) {
  static_assert(Decodable<F>,
                "capnweb: a member of this struct has a type that cannot cross; specialise "
                "capnweb::Convert or list the members that can with capnweb::Fields");
  static_assert(!is_borrowed<F>, "capnweb: a member of a struct must own its data");
  auto found = Convert<F>::decode(take_member(object, name), why);
  if (!found) {
    at_member(why, name);
    return false;
  }
  field = std::move(*found);
  return true;
}

template <class T>
concept TravelsAsStruct = ListsFields<T> || (std::is_class_v<T> && std::is_aggregate_v<T> &&
                                             !ValueKind<T> && !HasContract<T>);

// ---- Enums

template <class E>
constexpr auto enum_names() {
  constexpr int kLeast = EnumRange<E>::kLeast;
  constexpr std::size_t kSize = EnumRange<E>::kMost - kLeast + 1;
  return []<std::size_t... I>(std::index_sequence<I...>) {
    // A value without a name reads as a number.
    constexpr auto name = [](std::string_view text) {
      return text.empty() || (text[0] >= '0' && text[0] <= '9') ? std::string_view() : text;
    };
    return std::array<std::string_view, kSize>{
        name(name_of_constant<static_cast<E>(static_cast<int>(I) + kLeast)>())...};
  }(std::make_index_sequence<kSize>{});
}
template <class E>
inline constexpr auto kEnumNames = enum_names<E>();

using Names = std::span<const std::string_view>;
// The place of the name in the value, or nothing and why: "red, green or blue".
std::optional<std::size_t> find_enumerator(Names names, const Value& value, Mismatch& why);
// Throws Error (RangeError) for a value without a name.
std::string_view enumerator_name(Names names, std::string_view type, long long value, int least);

}  // namespace detail

template <detail::TravelsAsStruct T>
struct Convert<T> {
  using Members = typename detail::StructOf<T>::type;

  template <class U>
  static Value encode(U&& value) {
    Object object;
    object.reserve(Members::kSize);
    constexpr auto kNames = Members::names();
    std::size_t i = 0;
    Members::visit(value, [&]<class... F>(F&... field) {
      if constexpr (std::is_lvalue_reference_v<U>) {
        (detail::encode_field<std::remove_const_t<F>>(object, kNames[i++], field), ...);
      } else {
        (detail::encode_field<std::remove_const_t<F>>(object, kNames[i++], std::move(field)), ...);
      }
    });
    return object;
  }

  static std::optional<T> decode(Value&& value, Mismatch& why) {
    Object* object = detail::find_object(value, why);
    if (!object) return std::nullopt;
    std::optional<T> result(T{});
    constexpr auto kNames = Members::names();
    std::size_t i = 0;
    const bool good = Members::visit(*result, [&](auto&... field) {
      return (detail::decode_field(*object, kNames[i++], field, why) && ...);
    });
    if (!good) return std::nullopt;
    return result;
  }
};

template <class E>
  requires std::is_enum_v<E>
struct Convert<E> {
  static_assert(requires { E{0}; }, "capnweb: give this enum an underlying type");
  static constexpr int kLeast = EnumRange<E>::kLeast;

  static Value encode(E value) {
    return detail::enumerator_name(detail::kEnumNames<E>, detail::name_of_type<E>(),
                                   static_cast<long long>(value), kLeast);
  }
  static std::optional<E> decode(const Value& value, Mismatch& why) {
    auto found = detail::find_enumerator(detail::kEnumNames<E>, value, why);
    if (!found) return std::nullopt;
    return static_cast<E>(static_cast<int>(*found) + kLeast);
  }
};

}  // namespace capnweb
