/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Numbers that look like chance and are a function of a seed.
 */
#ifndef HVSIM_DICE_H
#define HVSIM_DICE_H

#include <stdint.h>

/**
 * struct hvsim_dice - a sequence of numbers
 * @state: where in it; any start will do, and gives a sequence of its own
 */
struct hvsim_dice {
	uint64_t state;
};

/* Spreads a number over all 64 bits, so that neighbours have nothing in common. */
static inline uint64_t hvsim_dice_mix(uint64_t number)
{
	/* the multipliers of the SplitMix64 generator */
	number = (number ^ number >> 30) * 0xbf58476d1ce4e5b9ull;
	number = (number ^ number >> 27) * 0x94d049bb133111ebull;
	return number ^ number >> 31;
}

static inline uint64_t hvsim_dice_roll(struct hvsim_dice *dice)
{
	dice->state += 0x9e3779b97f4a7c15ull;
	return hvsim_dice_mix(dice->state);
}

/* A number below @end, which is not 0. */
static inline uint64_t hvsim_dice_below(struct hvsim_dice *dice, uint64_t end)
{
	return hvsim_dice_roll(dice) % end;
}

/*
 * A number of @bytes bytes such as programs stumble over: 0, the largest, those
 * at the change of sign, a power of two, close to @right, or just any.
 */
static inline uint64_t hvsim_dice_odd(struct hvsim_dice *dice, unsigned int bytes, uint64_t right)
{
	uint64_t all = bytes < 8 ? (1ull << 8 * bytes) - 1 : UINT64_MAX;

	switch (hvsim_dice_below(dice, 10)) {
	case 0:
		return 0;
	case 1:
		return all;
	case 2:
		return all / 2 + hvsim_dice_below(dice, 2);
	case 3:
		return (1ull << hvsim_dice_below(dice, 8 * bytes)) & all;
	case 4:
	case 5:
		return (right + hvsim_dice_below(dice, 17) - 8) & all;
	case 6:
		return hvsim_dice_below(dice, 32);
	default:
		return hvsim_dice_roll(dice) & all;
	}
}

#endif
