// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "https/strand.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/strand.hpp>

namespace binarly::https {

namespace asio = boost::asio;

namespace {

// Over the executor as it is where that is the usual one: a strand over an erased executor erases
// twice, at each of its many posts.
using usual_strand = asio::strand<asio::io_context::executor_type>;
using general_strand = asio::strand<asio::any_io_executor>;

}  // namespace

asio::any_io_executor make_strand(const asio::any_io_executor& executor) {
  if (const auto* const usual = executor.target<asio::io_context::executor_type>()) {
    return usual_strand(*usual);
  }
  return general_strand(executor);
}

bool runs_on(const asio::any_io_executor& strand) noexcept {
  if (const auto* const usual = strand.target<usual_strand>()) {
    return usual->running_in_this_thread();
  }
  const auto* const general = strand.target<general_strand>();
  return general != nullptr && general->running_in_this_thread();
}

}  // namespace binarly::https
