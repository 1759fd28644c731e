// As precompiled.hpp, with what every test program includes.
#pragma once

#include <catch2/catch.hpp>

#include "cmake/precompiled.hpp"
