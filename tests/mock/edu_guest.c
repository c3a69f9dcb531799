// SPDX-License-Identifier: GPL-2.0-only
/*
 * A driver for QEMU's edu device, for a guest that edu is passed through to: the
 * probe uses its registers, its interrupt and its DMA, and reports what failed.
 *
 * Registers: docs/specs/edu.rst of QEMU.
 */
#include <linux/bits.h>
#include <linux/completion.h>
#include <linux/dma-mapping.h>
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/string.h>

#define EDU_BAR			0
#define EDU_ID			0x00
#define EDU_ID_LOW		0xed
#define EDU_LIVENESS		0x04
#define EDU_IRQ_STATUS		0x24
#define EDU_IRQ_RAISE		0x60
#define EDU_IRQ_ACK		0x64
#define EDU_DMA_SOURCE		0x80
#define EDU_DMA_DESTINATION	0x88
#define EDU_DMA_COUNT		0x90
#define EDU_DMA_COMMAND		0x98
#define EDU_DMA_START		BIT(0)
#define EDU_DMA_TO_RAM		BIT(1)
#define EDU_DMA_IRQ		BIT(2)
#define EDU_BUFFER		0x40000
#define EDU_DMA_BITS		28
#define EDU_LENGTH		1024
#define EDU_TIMEOUT		(60 * HZ)

struct edu {
	void __iomem *regs;
	struct completion irq;
	u32 irq_status;
};

static irqreturn_t edu_irq(int irq, void *data)
{
	struct edu *edu = data;

	edu->irq_status = readl(edu->regs + EDU_IRQ_STATUS);
	writel(edu->irq_status, edu->regs + EDU_IRQ_ACK);
	complete(&edu->irq);
	return IRQ_HANDLED;
}

static const char *edu_registers(struct edu *edu)
{
	if ((readl(edu->regs + EDU_ID) & 0xff) != EDU_ID_LOW)
		return "wrong identification register";
	writel(0x12345678, edu->regs + EDU_LIVENESS);
	if (readl(edu->regs + EDU_LIVENESS) != ~0x12345678u)
		return "wrong liveness register";
	return NULL;
}

static const char *edu_interrupt(struct edu *edu)
{
	reinit_completion(&edu->irq);
	writel(0x55, edu->regs + EDU_IRQ_RAISE);
	if (!wait_for_completion_timeout(&edu->irq, EDU_TIMEOUT))
		return "no interrupt";
	return edu->irq_status == 0x55 ? NULL : "wrong interrupt status";
}

/* Its end is told by an interrupt. */
static bool edu_copy(struct edu *edu, u64 from, u64 to, u32 command)
{
	reinit_completion(&edu->irq);
	writeq(from, edu->regs + EDU_DMA_SOURCE);
	writeq(to, edu->regs + EDU_DMA_DESTINATION);
	writeq(EDU_LENGTH, edu->regs + EDU_DMA_COUNT);
	writeq(EDU_DMA_START | EDU_DMA_IRQ | command,
	       edu->regs + EDU_DMA_COMMAND);
	return wait_for_completion_timeout(&edu->irq, EDU_TIMEOUT);
}

static const char *edu_dma(struct edu *edu, struct device *dev)
{
	dma_addr_t addr;
	u8 *mem;
	int i;

	if (dma_set_mask_and_coherent(dev, DMA_BIT_MASK(EDU_DMA_BITS)))
		return "no DMA mask";
	mem = dmam_alloc_coherent(dev, 2 * EDU_LENGTH, &addr, GFP_KERNEL);
	if (!mem)
		return "no memory for DMA";

	for (i = 0; i < EDU_LENGTH; i++)
		mem[i] = i * 13 + 7;
	if (!edu_copy(edu, addr, EDU_BUFFER, 0))
		return "no end of the DMA to the device";
	if (!edu_copy(edu, EDU_BUFFER, addr + EDU_LENGTH, EDU_DMA_TO_RAM))
		return "no end of the DMA to memory";
	return memcmp(mem, mem + EDU_LENGTH, EDU_LENGTH) ?
	       "the memory came back changed" : NULL;
}

static void edu_report(struct pci_dev *pdev, const char *what,
		       const char *fault)
{
	pci_info(pdev, "edu %s: %s\n", what, fault ?: "passed");
}

static int edu_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct edu *edu;
	int ret;

	edu = devm_kzalloc(&pdev->dev, sizeof(*edu), GFP_KERNEL);
	if (!edu)
		return -ENOMEM;
	init_completion(&edu->irq);

	ret = pcim_enable_device(pdev);
	if (ret)
		return ret;
	edu->regs = pcim_iomap(pdev, EDU_BAR, 0);
	if (!edu->regs)
		return -ENOMEM;
	pci_set_master(pdev);

	ret = pci_alloc_irq_vectors(pdev, 1, 1, PCI_IRQ_MSI);
	if (ret < 0)
		return ret;
	ret = request_irq(pci_irq_vector(pdev, 0), edu_irq, 0, "edu", edu);
	if (ret)
		goto free_vectors;

	edu_report(pdev, "registers", edu_registers(edu));
	edu_report(pdev, "MSI", edu_interrupt(edu));
	edu_report(pdev, "DMA", edu_dma(edu, &pdev->dev));

	free_irq(pci_irq_vector(pdev, 0), edu);
free_vectors:
	pci_free_irq_vectors(pdev);
	return ret;
}

static const struct pci_device_id edu_ids[] = {
	{ PCI_DEVICE(0x1234, 0x11e8) },
	{}
};
MODULE_DEVICE_TABLE(pci, edu_ids);

static struct pci_driver edu_driver = {
	.name		= "edu_guest",
	.id_table	= edu_ids,
	.probe		= edu_probe,
};
module_pci_driver(edu_driver);

MODULE_LICENSE("GPL");
MODULE_AUTHOR("The vfio-pci vendor ops authors");
MODULE_DESCRIPTION("Driver for QEMU's edu device in a guest");
