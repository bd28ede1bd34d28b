# Turns the C++ of a Markdown page into one source file, whose compiler errors name the page's lines.
#
#   ```cpp          declarations; later snippets of the page see them. With a main() of its own it is a
#                   program and stands apart.
#   ```cpp task     statements of a coroutine
#   ```cpp excerpt  is not compiled: parts of a file, things that must not compile
#   <!-- cpp        what snippets need and readers do not; `<!-- cpp task` as well; ends with -->
function fail(why) {
  printf "%s:%d: %s\n", FILENAME, FNR, why > "/dev/stderr"
  failed = 1
}
function begin(words) {
  kind = words == "" ? "file" : words
  if (kind != "file" && kind != "task" && kind != "excerpt")
    fail("write ```cpp, ```cpp task or ```cpp excerpt")
  start = FNR
  text = ""
}
function add(code, last) {
  body = body sprintf("#line %d \"%s\"\n", start, FILENAME) code
  if (last != "") body = body last "\n"
}
function end_snippet() {
  if (kind == "file" && text ~ /(^|\n)int main\(/) {
    sub(/int main\(/, "int program_main(", text)
    add("namespace program_" start " {\n" text, "}")
  } else if (kind == "file") {
    add("\n" text, "")
  } else if (kind == "task") {
    add("capnweb::Task<> snippet_" start "() {\n" text, "co_return; }")
  }
  count += kind != "excerpt"
  kind = ""
}
kind == "" && /^```cpp([ ].*)?$/ { begin(substr($0, 8)); closing = "```"; next }
kind == "" && /^<!-- cpp([ ].*)?$/ { begin(substr($0, 10)); closing = "-->"; next }
kind == "" && /^[ \t>]+(```|~~~) *(cpp|c\+\+)/ { fail("start fences of C++ at the first column") }
kind == "" { next }
$0 == closing { end_snippet(); next }
kind != "excerpt" && /^[ \t]*#[ \t]*include/ { includes = includes $0 "\n"; text = text "\n"; next }
{ text = text $0 "\n" }
END {
  if (kind != "") fail("the snippet that begins in line " start " does not end")
  if (failed) exit 1
  printf "#include <capnweb/task.hpp>\n%s%s", includes, body
  printf "// %d snippets\n", count
}
