// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_HTTPS_STRAND_HPP
#define BINARLY_HTTPS_STRAND_HPP

#include <boost/asio/any_io_executor.hpp>

namespace binarly::https {

/// A strand of its own over the executor.
[[nodiscard]] boost::asio::any_io_executor make_strand(
    const boost::asio::any_io_executor& executor);

/// Whether the caller runs on the strand, which `make_strand` made.
[[nodiscard]] bool runs_on(const boost::asio::any_io_executor& strand) noexcept;

}  // namespace binarly::https

#endif
