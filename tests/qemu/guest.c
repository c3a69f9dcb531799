// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest with a mock VF and no operating system: it keeps the state of the
 * device, and memory, filled with what follows from a number, and tells of each
 * number, once what is there is what it left there:
 *
 *	tick N vhca N run N resets N loads N
 *
 * or "differs: ..." and no more. Output goes to port 0xe9, QEMU's debug console.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VF		0x101e15b3	/* device and vendor */
#define STATE_WORDS	(15 * 1024)	/* behind the first page of BAR 0 */
#define MEMORY_WORDS	(1024 * 1024)
#define MEMORY_STEP	(MEMORY_WORDS / 64)

/* The header that makes QEMU load this: Multiboot specification 0.6.96, 3.1.1. */
__asm__(".section .multiboot, \"a\"\n"
	".balign 4\n"
	".long 0x1badb002, 0, -0x1badb002\n"
	".text\n"
	".globl _start\n"
	"_start: movl $stack + 16384, %esp\n"
	"	call guest\n"
	"1:	hlt\n"
	"	jmp 1b\n"
	".comm stack, 16384, 16\n");

static uint32_t memory[MEMORY_WORDS];

static void out8(uint16_t port, uint8_t val)
{
	__asm__ volatile("outb %0, %1" : : "a"(val), "Nd"(port));
}

static void out32(uint16_t port, uint32_t val)
{
	__asm__ volatile("outl %0, %1" : : "a"(val), "Nd"(port));
}

static uint32_t in32(uint16_t port)
{
	uint32_t val;

	__asm__ volatile("inl %1, %0" : "=a"(val) : "Nd"(port));
	return val;
}

static void print(const char *text)
{
	while (*text)
		out8(0xe9, *text++);
}

static void print_number(const char *name, uint32_t n)
{
	char digits[11];
	char *at = digits + sizeof(digits) - 1;

	*at = '\0';
	do {
		*--at = '0' + n % 10;
		n /= 10;
	} while (n);
	print(name);
	print(at);
}

/* PCI Local Bus Specification 3.0, 3.2.2.3.2; all is on bus 0. */
static void config_at(unsigned int slot, unsigned int where)
{
	out32(0xcf8, 0x80000000 | slot << 11 | where);
}

static uint32_t config_get(unsigned int slot, unsigned int where)
{
	config_at(slot, where);
	return in32(0xcfc);
}

static void config_set(unsigned int slot, unsigned int where, uint32_t val)
{
	config_at(slot, where);
	out32(0xcfc, val);
}

static volatile uint32_t *find_bar(void)
{
	unsigned int slot;

	for (slot = 0; slot < 32; slot++) {
		if (config_get(slot, 0) != VF)
			continue;
		config_set(slot, 4, config_get(slot, 4) | 2);
		return (uint32_t *)(config_get(slot, 0x10) & ~0xfu);
	}
	return NULL;
}

static uint32_t pattern(uint32_t seed, uint32_t word)
{
	return (seed + word) * 2654435761u;
}

static void fill(volatile uint32_t *words, uint32_t count, uint32_t seed)
{
	uint32_t i;

	for (i = 0; i < count; i++)
		words[i] = pattern(seed, i);
}

static bool same(volatile uint32_t *words, uint32_t count, uint32_t seed)
{
	uint32_t i;

	for (i = 0; i < count; i++) {
		if (words[i] == pattern(seed, i))
			continue;
		print_number("differs: word ", i);
		print_number(" is ", words[i]);
		print_number(" and was ", pattern(seed, i));
		return false;
	}
	return true;
}

void guest(void)
{
	volatile uint32_t *bar = find_bar();
	volatile uint32_t *state = bar + 1024;
	uint32_t seed[64] = { 0 };
	uint32_t tick;

	if (!bar) {
		print("differs: there is no VF\n");
		return;
	}
	for (tick = 0; tick < 64; tick++)
		fill(memory + tick * MEMORY_STEP, MEMORY_STEP, 0);
	fill(state, STATE_WORDS, 0);

	for (tick = 0; ; tick++) {
		volatile uint32_t *part = memory + tick % 64 * MEMORY_STEP;

		if (!same(state, STATE_WORDS, tick)) {
			print(" in the device\n");
			return;
		}
		if (!same(part, MEMORY_STEP, seed[tick % 64])) {
			print(" in memory\n");
			return;
		}
		print_number("tick ", tick);
		print_number(" vhca ", bar[2]);
		print_number(" run ", bar[3]);
		print_number(" resets ", bar[4]);
		print_number(" loads ", bar[5]);
		print("\n");
		fill(state, STATE_WORDS, tick + 1);
		fill(part, MEMORY_STEP, tick + 1);
		seed[tick % 64] = tick + 1;
	}
}
