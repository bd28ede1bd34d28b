// structs.hpp: structs travel as objects, enums as the names of their enumerators.
#pragma once

#include <array>
#include <capnweb/detail/convert_containers.hpp>
#include <capnweb/detail/convert_numbers.hpp>
#include <capnweb/detail/convert_values.hpp>
#include <capnweb/detail/names.hpp>
#include <capnweb/detail/plain.hpp>
#include <capnweb/detail/reflect.hpp>
#include <capnweb/detail/reserved_names.hpp>
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

// ---- Structs as text

// Keys that the general way treats in its own manner (V-30), or that are not written as they are.
template <std::size_t N>
constexpr bool are_plain_names(const std::array<std::string_view, N>& names) {
  for (std::string_view name : names) {
    for (const char c : name)
      if (!is_identifier_letter(c) || c < 0) return false;
    if (is_forbidden_key(name)) return false;
  }
  return true;
}

struct ListParts {
  template <class... F>
  auto operator()(F&...) const {
    return Parts<std::remove_const_t<F>...>{};
  }
};

template <class T, class Members>
auto parts_of_struct() {
  if constexpr (are_plain_names(Members::names()) && std::default_initializable<T>) {
    return decltype(Members::visit(std::declval<T&>(), ListParts{})){};
  } else {
    return Parts<void>{};  // which is not plain
  }
}

// Reads the members of an object, fastest if they come in the order of the struct.
class MemberReader {
 public:
  MemberReader(JsonView object, std::size_t room) noexcept
      : object_(object), room_(room), next_(object.begin()) {}

  template <class F>
  bool read(std::string_view name, F& field) {
    std::optional<JsonView> value = find(name);
    if (!value) return is_a<F, std::optional>;
    ++members_read_;
    auto found = Convert<F>::read(*value, room_);
    if (!found) return false;
    field = std::move(*found);
    return true;
  }
  // Not if there is a key that is unknown or stands twice.
  bool has_read_all() const noexcept { return members_read_ == object_.size(); }

 private:
  // The value of a key; the next search begins behind it.
  std::optional<JsonView> find(std::string_view name);

  JsonView object_;
  std::size_t room_;
  std::size_t members_read_ = 0;
  JsonView::Iterator next_;
};

// ,"name":
template <class Members, std::size_t I>
constexpr auto make_key_text() {
  constexpr std::string_view kName = Members::names()[I];
  std::array<char, kName.size() + 4> text{',', '"'};
  for (std::size_t i = 0; i < kName.size(); ++i) text[i + 2] = kName[i];
  text[kName.size() + 2] = '"';
  text[kName.size() + 3] = ':';
  return text;
}
template <class Members, std::size_t I>
inline constexpr auto kKeyText = make_key_text<Members, I>();

template <class Members, std::size_t I, class F>
void write_member(PlainWriter& out, const F& field) {
  if constexpr (is_a<F, std::optional>)
    if (!field) return;
  out.raw({kKeyText<Members, I>.data(), kKeyText<Members, I>.size()});
  Convert<F>::write(out, field);
}

template <class Members, class T, std::size_t... I>
void write_members(PlainWriter& out, const T& value, std::index_sequence<I...>) {
  const std::size_t begin = out.size();
  Members::visit(value, [&](const auto&... field) { (write_member<Members, I>(out, field), ...); });
  if (out.size() == begin) return out.raw("{}");
  out.at(begin) = '{';  // in place of the first comma
  out.raw("}");
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

  static auto parts() { return detail::parts_of_struct<T, Members>(); }
  static std::optional<T> read(JsonView json, std::size_t room) {
    if (!json.is_object() || room < 2) return std::nullopt;
    std::optional<T> result(T{});
    detail::MemberReader reader(json, room - 1);
    constexpr auto kNames = Members::names();
    std::size_t i = 0;
    const bool good = Members::visit(
        *result, [&](auto&... field) { return (reader.read(kNames[i++], field) && ...); });
    if (!good || !reader.has_read_all()) return std::nullopt;
    return result;
  }
  static void write(detail::PlainWriter& out, const T& value) {
    if (!out.enter()) return;
    detail::write_members<Members>(out, value, std::make_index_sequence<Members::kSize>{});
    out.leave();
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
