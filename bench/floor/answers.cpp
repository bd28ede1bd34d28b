#include "floor/answers.hpp"

#include <array>
#include <vector>

#include "common/text.hpp"
#include "common/websocket.hpp"

namespace bench {

namespace {

struct Item {
  int id;
  std::string name;
  bool is_ok;
};

const std::vector<Item>& items() {
  static const std::vector<Item> kItems = [] {
    std::vector<Item> made;
    for (int i = 0; i < 100; ++i) made.push_back({i, "item " + std::to_string(i), i % 2 == 0});
    return made;
  }();
  return kItems;
}

void print_list(std::string& out) {
  out = "[[";
  for (const Item& item : items()) {
    if (item.id != 0) out += ',';
    out += R"({"id":)";
    append_number(out, item.id);
    out += R"(,"name":")";
    out += item.name;
    out += item.is_ok ? R"(","ok":true})" : R"(","ok":false})";
  }
  out += "]]";
}

// A number as bench-load prints it, from the left; no exponent, no sign.
double take_number(const char*& text) {
  constexpr std::array<double, 4> kPowers = {1, 10, 100, 1000};
  std::uint64_t digits = 0;
  while (*text >= '0' && *text <= '9') digits = digits * 10 + static_cast<unsigned>(*text++ - '0');
  std::size_t places = 0;
  if (*text == '.')
    for (++text; *text >= '0' && *text <= '9'; ++places)
      digits = digits * 10 + static_cast<unsigned>(*text++ - '0');
  return static_cast<double>(digits) / kPowers[places];
}

// The message ends with a bracket, so there is always one more character to look at.
double sum_of(std::string_view numbers) {
  double sum = 0;
  for (const char* text = numbers.data(); *text != ']'; text += *text == ',' ? 1 : 0)
    sum += take_number(text);
  return sum;
}

}  // namespace

void Answers::receive(std::string_view message, std::string& out) {
  Cursor cursor(message);
  if (cursor.take(R"(["pull",)")) {
    pull(*cursor.take_integer(), out);
  } else if (cursor.take(R"(["push",)")) {
    push(message, out);
  } else if (cursor.take(R"(["stream",)")) {
    const std::int64_t id = results_.next_id();
    results_.add();
    answer(id, R"(["undefined"])", out);
  } else if (cursor.take(R"(["resolve",)")) {
    take_callback_result(cursor.left(), out);
  }
}

void Answers::push(std::string_view message, std::string& out) {
  Cursor cursor(message);
  cursor.take(R"(["push",["pipeline",)");
  const std::int64_t target = *cursor.take_integer();
  const std::int64_t id = results_.next_id();
  Result& result = results_.add();
  result.is_here = true;
  result.is_pulled = false;
  if (cursor.take(R"(,["add"],[)")) {
    const char* text = cursor.left().data();
    const double left = take_number(text);
    const double right = take_number(++text);
    result.text.clear();
    append_number(result.text, left + right);
  } else if (cursor.take(R"(,["echo"],[)")) {
    result.text = *cursor.before("]]]");
  } else if (cursor.take(R"(,["sum"],[[[)")) {
    result.text.clear();
    append_number(result.text, sum_of(cursor.left()));
  } else if (cursor.take(R"(,["list"])")) {
    print_list(result.text);
  } else if (cursor.take(R"(,["authenticate"],[)")) {
    result.text = *cursor.before("]]]");
  } else if (cursor.take(R"(,["profile"])")) {
    result.text = results_.find(target)->text;
    results_.finish(target);
  } else if (cursor.take(R"(,["name"])")) {
    result.text = "\"user ";
    result.text += results_.find(target)->text;
    result.text += '"';
    results_.finish(target);
  } else if (cursor.take(R"(,["callMe"],[["export",)")) {
    result.is_here = false;
    call_back(id, *cursor.before("]]]"), out);
  } else if (cursor.take(R"(,["openSink"])")) {
    result.text = R"(["writable",-1])";
  }
}

void Answers::call_back(std::int64_t id, std::string_view function_and_argument, std::string& out) {
  const std::size_t bracket = function_and_argument.find(']');
  std::string own_id;
  append_number(own_id, callbacks_.next_id());
  callbacks_.add() = id;
  send({R"(["push",["pipeline",)", function_and_argument.substr(0, bracket), ",[],[",
        function_and_argument.substr(bracket + 2), "]]]"},
       out);
  send({R"(["pull",)", own_id, "]"}, out);
}

void Answers::take_callback_result(std::string_view id_and_result, std::string& out) {
  Cursor cursor(id_and_result);
  const std::int64_t own_id = *cursor.take_integer();
  cursor.take(",");
  const std::int64_t id = *callbacks_.find(own_id);
  callbacks_.finish(own_id);
  std::string own;
  append_number(own, own_id);
  send({R"(["release",)", own, ",1]"}, out);
  Result& result = *results_.find(id);
  result.text = *cursor.before("]");
  result.is_here = true;
  if (result.is_pulled) answer(id, result.text, out);
  // The function that was sent along is let go, too; bench-load counts its functions down from -1
  // as we count the calls up.
  send({R"(["release",-)", own, ",1]"}, out);
}

void Answers::pull(std::int64_t id, std::string& out) {
  Result& result = *results_.find(id);
  result.is_pulled = true;
  if (result.is_here) answer(id, result.text, out);
}

void Answers::answer(std::int64_t id, std::string_view result, std::string& out) {
  std::array<char, 20> digits;
  const char* end = std::to_chars(digits.data(), digits.data() + digits.size(), id).ptr;
  send({R"(["resolve",)",
        {digits.data(), static_cast<std::size_t>(end - digits.data())},
        ",",
        result,
        "]"},
       out);
  results_.finish(id);
}

void Answers::send(std::initializer_list<std::string_view> parts, std::string& out) const {
  if (framing_ == Framing::kWebSocket) return ws::append_frame(out, parts);
  for (const std::string_view part : parts) out += part;
  out += '\n';
}

}  // namespace bench
