// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_LIB_TESTING_FAKE_ANSWERS_HPP
#define BINARLY_LIB_TESTING_FAKE_ANSWERS_HPP

#include "testing/fake_delivery.hpp"

#include <binarly/testing/fault.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace binarly::testing {

/// The service's own words, in the envelope of its errors.
[[nodiscard]] fake_answer envelope(unsigned status, std::string_view message);
/// Its 401.
[[nodiscard]] fake_answer unauthorized(std::string_view message);
/// Its 403.
[[nodiscard]] fake_answer denied(std::string_view permission, std::string_view resource);

/// Refers to `what`.
[[nodiscard]] fake_answer answer_of(const canned_answer& what);

/// The status that stands for the fault; none when the fault is about something else.
[[nodiscard]] std::optional<unsigned> status_of(fault kind) noexcept;

/// Whether the fault takes the answer's place, save one of the forms.
[[nodiscard]] bool replaces_the_answer(fault kind) noexcept;

/// Whether the fault is about images, reports or the service's own refusals, so that it makes no
/// sense at another server.
[[nodiscard]] bool is_the_services_own(fault kind) noexcept;

/// What the fault puts in the answer's place, where that is the same for every request; otherwise
/// nothing.
[[nodiscard]] std::optional<fake_answer> common_answer(const misbehaviour& wrong);

/// Puts a member with too deep a value into a JSON object that has a member already.
void nest_deeply(std::string& object);

/// UTF-8's byte order mark before the body.
void put_mark(fake_answer& answer);
/// The body in gzip's coding, and the head says so.
void put_in_gzip(fake_answer& answer);

/// What is wrong with an answer; null when nothing is.
[[nodiscard]] const char* trouble_with(const canned_answer& what) noexcept;

}  // namespace binarly::testing

#endif
