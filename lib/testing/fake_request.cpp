// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "testing/fake_request.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/field.hpp>
#include <boost/beast/http/verb.hpp>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <utility>

namespace binarly::testing {
namespace {

namespace http = boost::beast::http;
using boost::beast::error_code;
using boost::beast::string_view;

constexpr std::size_t first_room = 2 * 1024;
constexpr std::size_t head_limit = 16 * 1024;
constexpr std::size_t body_limit = 64 * 1024;

}  // namespace

/// Keeps the few things that matter and lets the rest go by.
class request_reader::parser final : public http::basic_parser<true> {
 public:
  parser() {
    header_limit(head_limit);
    http::basic_parser<true>::body_limit(testing::body_limit);
  }

  fake_request request;
  std::size_t head_size = 0;
  std::size_t body_size = 0;

 private:
  void on_request_impl(http::verb method, string_view, string_view target, int,
                       error_code&) override {
    request.method = method == http::verb::get    ? fake_method::get
                     : method == http::verb::head ? fake_method::head
                     : method == http::verb::post ? fake_method::post
                                                  : fake_method::other;
    request.target.assign(target.data(), target.size());
  }
  void on_response_impl(int, string_view, int, error_code&) override {}
  void on_field_impl(http::field name, string_view, string_view value, error_code&) override {
    // A trailer comes this way, too, and must not stand for the head's field.
    if (is_header_done()) return;
    if (name == http::field::authorization) {
      request.authorization.assign(value.data(), value.size());
    } else if (name == http::field::content_type) {
      request.content_type.assign(value.data(), value.size());
    } else if (name == http::field::accept_encoding) {
      request.accept_encoding.assign(value.data(), value.size());
    }
  }
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(string_view body, error_code&) override { return keep(body); }
  void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, string_view body, error_code&) override {
    return keep(body);
  }
  void on_finish_impl(error_code&) override {}

  std::size_t keep(string_view body) {
    if (request.method == fake_method::post) request.body.append(body.data(), body.size());
    return body.size();
  }
};

request_reader::request_reader(heads what)
    : heads_(what), parser_(std::make_unique<parser>()), buffer_(first_room) {}
request_reader::~request_reader() = default;

std::span<char> request_reader::prepare() {
  if (begin_ != 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= std::exchange(begin_, 0);
  }
  if (end_ == buffer_.size()) buffer_.resize(std::min(buffer_.size() * 2, head_limit));
  return std::span(buffer_).subspan(end_);
}

request_reader::outcome request_reader::next(fake_request& request) {
  // Beast's own limits see one call of put() at a time; what a whole message takes is counted here.
  while (!parser_->is_done()) {
    const bool in_head = !parser_->is_header_done();
    error_code error;
    const std::size_t taken =
        begin_ == end_
            ? 0
            : parser_->put(boost::asio::buffer(buffer_.data() + begin_, end_ - begin_), error);
    if (in_head && heads_ == heads::keep) {
      parser_->request.head.append(buffer_.data() + begin_, taken);
    }
    begin_ += taken;
    (in_head ? parser_->head_size : parser_->body_size) += taken;

    if (error == http::error::header_limit) return outcome::head_too_large;
    if (error == http::error::body_limit) return outcome::body_too_large;
    if (error && error != http::error::need_more) return outcome::malformed;
    const std::size_t left = end_ - begin_;
    const std::size_t unfinished_head = parser_->is_header_done() ? 0 : left;
    if (parser_->head_size + unfinished_head > head_limit) return outcome::head_too_large;
    if (parser_->body_size > testing::body_limit) return outcome::body_too_large;
    if (left == head_limit && taken == 0) {
      return in_head ? outcome::head_too_large : outcome::body_too_large;
    }
    if (taken == 0 && !parser_->is_done()) return outcome::need_more;
  }
  request = std::move(parser_->request);
  request.keep_alive = parser_->keep_alive();
  parser_ = std::make_unique<parser>();
  return outcome::complete;
}

}  // namespace binarly::testing
