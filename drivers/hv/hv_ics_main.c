// SPDX-License-Identifier: GPL-2.0-only
/*
 * The driver: which services there are, and how they come and go.
 *
 * Named hv_utils, as manuals, udev rules and scripts expect it.
 */
#include <linux/hyperv.h>
#include <linux/module.h>

#include <hv/hvic_release.h>
#include <hv/hvic_service.h>

#include "hv_ics_copy.h"
#include "hv_ics_psdirect.h"
#include "hv_ics_sysfs.h"

/* A form of a GUID in hvic_service.h: as the bus compares it. */
#define MAIN_GUID(a, b, c, d, e)							\
	GUID_INIT(0x##a, 0x##b, 0x##c, 0x##d >> 8, 0x##d & 0xff,			\
		  0x##e##ULL >> 40, 0x##e##ULL >> 32 & 0xff, 0x##e##ULL >> 24 & 0xff,	\
		  0x##e##ULL >> 16 & 0xff, 0x##e##ULL >> 8 & 0xff, 0x##e##ULL & 0xff)

#define MAIN_ID(class, service)								\
	{ .guid = HVIC_CLASS_##class(MAIN_GUID), .driver_data = (unsigned long)&(service) }

static const struct hv_vmbus_device_id hv_ics_ids[] = {
	MAIN_ID(HEARTBEAT, hv_ics_heartbeat_service),
	MAIN_ID(SHUTDOWN, hv_ics_shutdown_service),
	MAIN_ID(TIMESYNC, hv_ics_timesync_service),
	MAIN_ID(KVP, hv_ics_kvp_service),
	MAIN_ID(VSS, hv_ics_vss_service),
	MAIN_ID(FCOPY, hv_ics_fcopy_service),
	{ }
};
MODULE_DEVICE_TABLE(vmbus, hv_ics_ids);

/*
 * The message types whose service has a device.  A host offers each service
 * once; a second offer of a class is a faulty or hostile host's.  This belongs
 * to the driver, not to a device, and is all that does.
 */
static unsigned long hv_ics_taken;

/*
 * The device is taken whatever the host does meanwhile: if we failed on a service
 * that it takes back, the next driver that knows the class would be asked.
 */
static int hv_ics_probe(struct hv_device *device, const struct hv_vmbus_device_id *id)
{
	const struct hv_ics_service *service = (const void *)id->driver_data;
	struct hv_ics_chan *chan;
	int err;

	if (test_and_set_bit(service->type, &hv_ics_taken)) {
		dev_warn(&device->device, "%s: refused a second offer\n", service->name);
		return -EBUSY;
	}
	chan = hv_ics_chan_create(device, service);
	if (IS_ERR(chan)) {
		err = PTR_ERR(chan);
		goto give_back;
	}
	hv_set_drvdata(device, chan);
	err = hv_ics_sysfs_add(chan);
	if (err)
		goto destroy;
	hv_ics_chan_open_later(chan);
	return 0;

destroy:
	hv_set_drvdata(device, NULL);
	hv_ics_chan_destroy(chan);
give_back:
	clear_bit(service->type, &hv_ics_taken);
	return err;
}

static void hv_ics_unbind(struct hv_device *device)
{
	struct hv_ics_chan *chan = hv_get_drvdata(device);
	u16 type = chan->service->type;

	hv_ics_sysfs_remove(chan);
	hv_ics_chan_close(chan);
	hv_set_drvdata(device, NULL);
	hv_ics_chan_destroy(chan);
	/* last: what takes its place may want the same name below /dev */
	clear_bit(type, &hv_ics_taken);
}

DEFINE_HV_REMOVE(hv_ics_remove, hv_ics_unbind)

/* Hibernation: user space is frozen.  Without these two it would be refused. */
static int hv_ics_suspend(struct hv_device *device)
{
	hv_ics_chan_close(hv_get_drvdata(device));
	return 0;
}

static int hv_ics_resume(struct hv_device *device)
{
	return hv_ics_chan_open(hv_get_drvdata(device));
}

static struct hv_driver hv_ics_driver = {
	.name			= KBUILD_MODNAME,
	.id_table		= hv_ics_ids,
	.probe			= hv_ics_probe,
	.remove			= hv_ics_remove,
	.suspend		= hv_ics_suspend,
	.resume			= hv_ics_resume,
	/* a driver that is asked later than uio_hv_generic, which is not, loses file copy */
	.driver.probe_type	= PROBE_FORCE_SYNCHRONOUS,
	.driver.groups		= hv_ics_psdirect_groups,
};

static int __init hv_ics_init(void)
{
	int err = hv_ics_copy_init();

	if (err)
		return err;
	err = vmbus_driver_register(&hv_ics_driver);
	if (err)
		goto copy_exit;
	err = hv_ics_psdirect_start(&hv_ics_driver.driver);
	if (err)
		goto unregister;
	return 0;

unregister:
	vmbus_driver_unregister(&hv_ics_driver);
copy_exit:
	hv_ics_copy_exit();
	return err;
}
module_init(hv_ics_init);

static void __exit hv_ics_exit(void)
{
	hv_ics_psdirect_stop();
	vmbus_driver_unregister(&hv_ics_driver);
	hv_ics_copy_exit();
}
module_exit(hv_ics_exit);

MODULE_DESCRIPTION("Hyper-V integration services");
MODULE_VERSION(HVIC_RELEASE);	/* dkms installs nothing without one */
MODULE_LICENSE("GPL");
