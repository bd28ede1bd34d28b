#include "net/webtransport/qpack.hpp"

#include <nghttp3/nghttp3.h>

#include <new>

namespace capnweb {
namespace {

constexpr H3Error kMalformed{H3Code::kQpackDecompressionFailed, "the headers cannot be decoded"};
constexpr H3Error kTooLarge{H3Code::kExcessiveLoad, "the headers are too many or too large"};

void check(int result) {
  if (result != 0) throw std::bad_alloc();
}

// A buffer that nghttp3 allocates.
class Buffer {
 public:
  Buffer() noexcept { nghttp3_buf_init(&buffer_); }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  ~Buffer() { nghttp3_buf_free(&buffer_, nghttp3_mem_default()); }
  nghttp3_buf* get() noexcept { return &buffer_; }
  std::string_view text() const noexcept {
    return {reinterpret_cast<const char*>(buffer_.pos),
            static_cast<std::size_t>(buffer_.last - buffer_.pos)};
  }

 private:
  nghttp3_buf buffer_;
};

struct DeleteContext {
  void operator()(nghttp3_qpack_stream_context* context) const noexcept {
    nghttp3_qpack_stream_context_del(context);
  }
};
using Context = std::unique_ptr<nghttp3_qpack_stream_context, DeleteContext>;

Context make_context(std::int64_t stream) {
  nghttp3_qpack_stream_context* context = nullptr;
  check(nghttp3_qpack_stream_context_new(&context, stream, nghttp3_mem_default()));
  return Context(context);
}

std::string take_text(nghttp3_rcbuf* buffer) {
  const nghttp3_vec bytes = nghttp3_rcbuf_get_buf(buffer);
  std::string text(reinterpret_cast<const char*>(bytes.base), bytes.len);
  nghttp3_rcbuf_decref(buffer);
  return text;
}

std::uint8_t* bytes_of(const std::string& text) noexcept {
  return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data()));  // only read
}

}  // namespace

void Qpack::Delete::operator()(nghttp3_qpack_encoder* encoder) const noexcept {
  nghttp3_qpack_encoder_del(encoder);
}

void Qpack::Delete::operator()(nghttp3_qpack_decoder* decoder) const noexcept {
  nghttp3_qpack_decoder_del(decoder);
}

Qpack::Qpack() {
  nghttp3_qpack_encoder* encoder = nullptr;
  check(nghttp3_qpack_encoder_new(&encoder, 0, nghttp3_mem_default()));
  encoder_.reset(encoder);
  nghttp3_qpack_decoder* decoder = nullptr;
  check(nghttp3_qpack_decoder_new(&decoder, 0, 0, nghttp3_mem_default()));
  decoder_.reset(decoder);
}

std::string Qpack::encode(std::int64_t stream, const H3Fields& fields) {
  std::vector<nghttp3_nv> list;
  list.reserve(fields.size());
  for (const auto& [name, value] : fields)
    list.push_back(
        {bytes_of(name), bytes_of(value), name.size(), value.size(), NGHTTP3_NV_FLAG_NONE});
  Buffer prefix;
  Buffer section;
  Buffer instructions;  // for a dynamic table, so always empty
  check(nghttp3_qpack_encoder_encode(encoder_.get(), prefix.get(), section.get(),
                                     instructions.get(), stream, list.data(), list.size()));
  std::string text(prefix.text());
  text += section.text();
  return text;
}

std::variant<H3Fields, H3Error> Qpack::decode(std::int64_t stream, std::string_view section) {
  const Context context = make_context(stream);
  H3Fields fields;
  std::size_t size = 0;
  for (;;) {
    nghttp3_qpack_nv field{};
    std::uint8_t flags = 0;
    const nghttp3_ssize taken = nghttp3_qpack_decoder_read_request(
        decoder_.get(), context.get(), &field, &flags,
        reinterpret_cast<const std::uint8_t*>(section.data()), section.size(), 1);
    if (taken < 0 || (flags & NGHTTP3_QPACK_DECODE_FLAG_BLOCKED) != 0) return kMalformed;
    section.remove_prefix(static_cast<std::size_t>(taken));
    if ((flags & NGHTTP3_QPACK_DECODE_FLAG_EMIT) != 0) {
      auto& [name, value] = fields.emplace_back();
      name = take_text(field.name);
      value = take_text(field.value);
      size += name.size() + value.size();
      if (fields.size() > kMaxFields || size > kMaxSize) return kTooLarge;
    }
    if ((flags & NGHTTP3_QPACK_DECODE_FLAG_FINAL) != 0) return fields;
    if (taken == 0 && flags == 0) return kMalformed;
  }
}

}  // namespace capnweb
