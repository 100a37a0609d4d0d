"""Explorers: move a control, see what it does. `ALL` maps each explorer's name to the function that makes it."""

from collections.abc import Callable

from .activations import activation_explorer, softmax_explorer
from .adam_inside import adam_explorer
from .augmentation import augmentation_explorer
from .backprop import differences_explorer, graph_explorer, tangent_explorer
from .batch_size import batch_size_explorer
from .clinic import clinic_explorer, training_panel
from .controls import Choice, Slider, Toggle
from .corners import corners_explorer
from .digits import digit_explorer
from .explorer import Action, Explorer, Goal
from .feature_maps import feature_maps_explorer
from .first_steps import line_explorer, spiral_explorer
from .formats import formats_explorer
from .gates import gates_explorer
from .gradients import depth_explorer, dying_explorer
from .kernels import kernel_explorer
from .losses import confidence_explorer, logits_explorer, outlier_explorer
from .neurons import (
    agreement_explorer,
    neuron_explorer,
    perceptron_explorer,
)
from .overfit import overfit_explorer
from .playground import playground, playground_explorer
from .polynomial import polynomial_explorer
from .race import race_explorer
from .range_test import range_test_explorer
from .residual import residual_explorer
from .resume import resume_explorer
from .run import Run
from .schedules import schedule_explorer
from .sizes import output_size_explorer
from .statistics import statistics_explorer
from .sweep import sweep_explorer
from .text import Text
from .through_time import through_time_explorer
from .unrolled import unrolled_explorer
from .xor import xor_layer_explorer, xor_neuron_explorer

ALL: dict[str, Callable[[], Explorer]] = {
    make.__name__.removesuffix("_explorer"): make
    for make in (
        line_explorer,
        spiral_explorer,
        agreement_explorer,
        neuron_explorer,
        perceptron_explorer,
        xor_neuron_explorer,
        xor_layer_explorer,
        activation_explorer,
        depth_explorer,
        dying_explorer,
        softmax_explorer,
        outlier_explorer,
        confidence_explorer,
        logits_explorer,
        graph_explorer,
        tangent_explorer,
        differences_explorer,
        digit_explorer,
        unrolled_explorer,
        gates_explorer,
        through_time_explorer,
        kernel_explorer,
        feature_maps_explorer,
        output_size_explorer,
        residual_explorer,
        resume_explorer,
        polynomial_explorer,
        overfit_explorer,
        corners_explorer,
        augmentation_explorer,
        schedule_explorer,
        range_test_explorer,
        race_explorer,
        adam_explorer,
        sweep_explorer,
        formats_explorer,
        statistics_explorer,
        batch_size_explorer,
        clinic_explorer,
        playground_explorer,
    )
}
