// convert_containers.hpp: the standard library's containers and sums.
#pragma once

#include <array>
#include <capnweb/detail/conversion.hpp>
#include <capnweb/detail/plain.hpp>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

namespace capnweb {

namespace detail {

// The array in a value, or null and why.
Array* find_array(Value& value, Mismatch& why);
// The same, of at most `size` elements, filled up with undefined.
Array* find_tuple(Value& value, std::size_t size, Mismatch& why);
Object* find_object(Value& value, Mismatch& why);
// "number or string": adds what one alternative of a variant expected.
void add_alternative(std::string& expected, const Mismatch& why);
std::nullopt_t no_alternative(Mismatch& why, const std::string& expected, const Value& value);

template <class T>
std::optional<T> decode_element(Value& item, Mismatch& why, std::size_t index) {
  auto element = Convert<T>::decode(std::move(item), why);
  if (!element) at_index(why, index);
  return element;
}

// Traits that a compound type has if its parts have them.
template <class... T>
struct Compound {
  static constexpr bool kPromiseFree = (is_promise_free<T> && ...);
  static constexpr bool kBorrowed = (is_borrowed<T> || ...);
};

// std::vector and std::array.
template <class Sequence>
Value encode_sequence(Sequence&& sequence) {
  using Item = typename std::remove_cvref_t<Sequence>::value_type;
  Array array;
  array.reserve(sequence.size());
  for (auto&& item : sequence) {
    if constexpr (std::is_lvalue_reference_v<Sequence> || std::is_same_v<Item, bool>) {
      array.push_back(Convert<Item>::encode(item));
    } else {
      array.push_back(Convert<Item>::encode(std::move(item)));
    }
  }
  return array;
}

// std::map and std::unordered_map.
template <class Map>
Value encode_map(Map&& map) {
  using Item = typename std::remove_cvref_t<Map>::mapped_type;
  Object object;
  object.reserve(map.size());
  for (auto& [key, item] : map) {
    if constexpr (std::is_lvalue_reference_v<Map>) {
      object.set(key, Convert<Item>::encode(item));
    } else {
      object.set(key, Convert<Item>::encode(std::move(item)));
    }
  }
  return object;
}
template <class Map>
std::optional<Map> decode_map(Value& value, Mismatch& why) {
  Object* object = find_object(value, why);
  if (!object) return std::nullopt;
  std::optional<Map> result(std::in_place);
  for (auto& [key, item] : *object) {
    auto element = Convert<typename Map::mapped_type>::decode(std::move(item), why);
    if (!element) {
      at_member(why, key);
      return std::nullopt;
    }
    result->insert_or_assign(key, std::move(*element));
  }
  return result;
}

// std::pair and std::tuple.
template <class Tuple, std::size_t... I>
Value encode_tuple(Tuple&& tuple, std::index_sequence<I...>) {
  using Plain = std::remove_cvref_t<Tuple>;
  Array array;
  array.reserve(sizeof...(I));
  (array.push_back(
       Convert<std::tuple_element_t<I, Plain>>::encode(std::get<I>(std::forward<Tuple>(tuple)))),
   ...);
  return array;
}
template <class Tuple, std::size_t... I>
std::optional<Tuple> decode_tuple(Value& value, Mismatch& why, std::index_sequence<I...>) {
  Array* array = find_tuple(value, sizeof...(I), why);
  if (!array) return std::nullopt;
  std::tuple<std::optional<std::tuple_element_t<I, Tuple>>...> parts;
  if (!((std::get<I>(parts) =
             decode_element<std::tuple_element_t<I, Tuple>>((*array)[I], why, I)) &&
        ...))
    return std::nullopt;
  return std::optional<Tuple>(std::in_place, std::move(*std::get<I>(parts))...);
}

}  // namespace detail

template <class T>
struct Convert<std::vector<T>> : detail::Compound<T> {
  template <class Vector>
  static Value encode(Vector&& vector) {
    return detail::encode_sequence(std::forward<Vector>(vector));
  }
  static std::optional<std::vector<T>> decode(Value&& value, Mismatch& why) {
    Array* array = detail::find_array(value, why);
    if (!array) return std::nullopt;
    std::optional<std::vector<T>> result(std::in_place);
    result->reserve(array->size());
    for (Value& item : *array) {
      auto element = detail::decode_element<T>(item, why, result->size());
      if (!element) return std::nullopt;
      result->push_back(std::move(*element));
    }
    return result;
  }

  static auto parts() { return detail::Parts<T>{}; }
  // An array is escaped: it stands in another one (V-27).
  static std::optional<std::vector<T>> read(JsonView json, std::size_t room) {
    if (!json.is_array() || json.size() != 1 || !json[0].is_array() || room < 2)
      return std::nullopt;
    const JsonView items = json[0];
    std::optional<std::vector<T>> result(std::in_place);
    // Elements may be larger than their text, and the first of them may not fit.
    result->reserve(items.size() < kMostReserved ? items.size() : kMostReserved);
    for (const JsonView item : items) {
      auto element = Convert<T>::read(item, room - 1);
      if (!element) return std::nullopt;
      result->push_back(std::move(*element));
    }
    return result;
  }
  static void write(detail::PlainWriter& out, const std::vector<T>& vector) {
    if (!out.enter()) return;
    out.raw("[[");
    bool is_first = true;
    for (const auto& item : vector) {
      if (!std::exchange(is_first, false)) out.raw(",");
      Convert<T>::write(out, item);
    }
    out.raw("]]");
    out.leave();
  }

 private:
  static constexpr std::size_t kMostReserved = (1 << 20) / sizeof(T) + 1;
};

// An array of exactly N elements.
template <class T, std::size_t N>
struct Convert<std::array<T, N>> : detail::Compound<T> {
  template <class Sequence>
  static Value encode(Sequence&& array) {
    return detail::encode_sequence(std::forward<Sequence>(array));
  }
  static std::optional<std::array<T, N>> decode(Value&& value, Mismatch& why) {
    Array* array = detail::find_tuple(value, N, why);
    if (!array) return std::nullopt;
    return decode_all(*array, why, std::make_index_sequence<N>{});
  }

 private:
  template <std::size_t... I>
  static std::optional<std::array<T, N>> decode_all(Array& array, Mismatch& why,
                                                    std::index_sequence<I...>) {
    std::array<std::optional<T>, N> items;
    if (!((items[I] = detail::decode_element<T>(array[I], why, I)) && ...)) return std::nullopt;
    return std::array<T, N>{std::move(*items[I])...};
  }
};

template <class T, class Compare, class Allocator>
struct Convert<std::map<std::string, T, Compare, Allocator>> : detail::Compound<T> {
  using Map = std::map<std::string, T, Compare, Allocator>;
  template <class M>
  static Value encode(M&& map) {
    return detail::encode_map(std::forward<M>(map));
  }
  static std::optional<Map> decode(Value&& value, Mismatch& why) {
    return detail::decode_map<Map>(value, why);
  }
};

template <class T, class Hash, class Equal, class Allocator>
struct Convert<std::unordered_map<std::string, T, Hash, Equal, Allocator>> : detail::Compound<T> {
  using Map = std::unordered_map<std::string, T, Hash, Equal, Allocator>;
  template <class M>
  static Value encode(M&& map) {
    return detail::encode_map(std::forward<M>(map));
  }
  static std::optional<Map> decode(Value&& value, Mismatch& why) {
    return detail::decode_map<Map>(value, why);
  }
};

template <class A, class B>
struct Convert<std::pair<A, B>> : detail::Compound<A, B> {
  template <class Pair>
  static Value encode(Pair&& pair) {
    return detail::encode_tuple(std::forward<Pair>(pair), std::index_sequence<0, 1>{});
  }
  static std::optional<std::pair<A, B>> decode(Value&& value, Mismatch& why) {
    return detail::decode_tuple<std::pair<A, B>>(value, why, std::index_sequence<0, 1>{});
  }
};

template <class... T>
struct Convert<std::tuple<T...>> : detail::Compound<T...> {
  template <class Tuple>
  static Value encode(Tuple&& tuple) {
    return detail::encode_tuple(std::forward<Tuple>(tuple), std::index_sequence_for<T...>{});
  }
  static std::optional<std::tuple<T...>> decode(Value&& value, Mismatch& why) {
    return detail::decode_tuple<std::tuple<T...>>(value, why, std::index_sequence_for<T...>{});
  }
};

// Nothing is undefined; undefined and null are taken for it.
template <class T>
struct Convert<std::optional<T>> : detail::Compound<T> {
  static constexpr bool kFailsCleanly = detail::fails_cleanly<T>;
  template <class Optional>
  static Value encode(Optional&& value) {
    return value ? Convert<T>::encode(*std::forward<Optional>(value)) : Value();
  }
  static std::optional<std::optional<T>> decode(Value&& value, Mismatch& why) {
    if (value.is_undefined() || value.is_null()) return std::optional<T>();
    auto found = Convert<T>::decode(std::move(value), why);
    return found ? std::optional<std::optional<T>>(std::in_place, std::move(found)) : std::nullopt;
  }

  static auto parts() { return detail::Parts<T>{}; }
  static std::optional<std::optional<T>> read(JsonView json, std::size_t room) {
    if (json.type() == JsonType::kNull) return std::optional<T>();
    auto found = Convert<T>::read(json, room);
    return found ? std::optional<std::optional<T>>(std::in_place, std::move(found)) : std::nullopt;
  }
  static void write(detail::PlainWriter& out, const std::optional<T>& value) {
    if (value) return Convert<T>::write(out, *value);
    out.raw(R"(["undefined"])");
  }
};

template <>
struct Convert<std::monostate> {
  static constexpr bool kPromiseFree = true;
  static constexpr bool kFailsCleanly = true;
  static Value encode(std::monostate) { return {}; }
  static std::optional<std::monostate> decode(const Value& value, Mismatch& why) {
    if (value.is_undefined() || value.is_null()) return std::monostate();
    return why.set("undefined", value);
  }
};

// The first alternative that fits.
template <class... T>
struct Convert<std::variant<T...>> : detail::Compound<T...> {
  static constexpr bool kFailsCleanly = true;
  template <class Variant>
  static Value encode(Variant&& value) {
    return std::visit(
        []<class A>(A&& held) {
          return Convert<std::remove_cvref_t<A>>::encode(std::forward<A>(held));
        },
        std::forward<Variant>(value));
  }
  static std::optional<std::variant<T...>> decode(Value&& value, Mismatch& why) {
    std::optional<std::variant<T...>> result;
    std::string expected;
    if (!(try_one<T>(result, value, expected, why) || ...))
      return detail::no_alternative(why, expected, value);
    return result;
  }

 private:
  template <class A>
  static bool try_one(std::optional<std::variant<T...>>& result, Value& value,
                      std::string& expected, Mismatch& why) {
    std::optional<A> held;
    if constexpr (detail::fails_cleanly<A>) {
      held = Convert<A>::decode(std::move(value), why);
    } else {
      // What it takes before it fails, the next alternative must still find.
      held = Convert<A>::decode(Value(value), why);
    }
    if (held) {
      result.emplace(std::in_place_type<A>, std::move(*held));
    } else {
      detail::add_alternative(expected, why);
    }
    return held.has_value();
  }
};

}  // namespace capnweb
