"""What was computed: plan folders on disk, found again by the case that they answer."""
