"""The loss of distillation: PyTorch's parts, its gradient, its size at every temperature."""

import pytest
import torch
from torch.nn.functional import cross_entropy, softmax

from nnlab.chapters.c26_smaller.ex3_distillation import EXERCISE
from nnlab.pytorch.compression.distillation import distillation_loss

torch.manual_seed(0)
Z, T, Y = torch.randn(7, 5, dtype=torch.float64), 3 * torch.randn(7, 5, dtype=torch.float64), torch.arange(7) % 5


@pytest.mark.parametrize("temperature", [0.5, 1.0, 4.0, 20.0])
def test_the_gradient_is_the_difference_of_probabilities(temperature):
    z = Z.clone().requires_grad_()
    distillation_loss(z, T, temperature=temperature).backward()
    wanted = temperature * (softmax(Z / temperature, 1) - softmax(T / temperature, 1)) / len(Z)
    torch.testing.assert_close(z.grad, wanted)


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_it_is_numpys(share):
    objects = EXERCISE.build(EXERCISE.solution)
    ours = objects.distillation(Z.numpy(), T.numpy(), Y.numpy(), 3.0, share)
    assert ours == pytest.approx(distillation_loss(Z, T, Y, 3.0, share).item(), rel=1e-12)


def test_its_ends_and_finite_differences():
    torch.testing.assert_close(distillation_loss(Z, T, Y, 4.0, 0.0), cross_entropy(Z, Y))
    assert distillation_loss(T, T, temperature=2.0).abs() < 1e-12
    z = Z.clone().requires_grad_()
    assert torch.autograd.gradcheck(lambda z: distillation_loss(z, T, Y, 2.0, 0.6), z)


def test_hot_it_is_half_the_squared_difference_of_centred_logits():
    centred = (Z - Z.mean(1, keepdim=True)) - (T - T.mean(1, keepdim=True))
    wanted = (centred**2).sum(1).mean() / (2 * 5)
    torch.testing.assert_close(distillation_loss(Z, T, temperature=1000.0), wanted, rtol=0.01, atol=0)


@pytest.mark.parametrize("where", [dict(device="meta"), dict(dtype=torch.bfloat16)])
def test_any_device_and_type(where):
    loss = distillation_loss(torch.zeros(3, 4, **where), torch.ones(3, 4, **where))
    assert loss.shape == () and loss.dtype == where.get("dtype", torch.float32)


def test_what_it_refuses():
    with pytest.raises(ValueError, match="student and teacher should have one shape"):
        distillation_loss(Z, T[:, :3])
    with pytest.raises(ValueError, match="temperature should be above 0, got 0"):
        distillation_loss(Z, T, temperature=0.0)
    with pytest.raises(ValueError, match="labels should be 7 class numbers where share is below 1, got None"):
        distillation_loss(Z, T, share=0.5)
    with pytest.raises(ValueError, match="share should be from 0 to 1, got"):
        distillation_loss(Z, T, Y, share=1.5)


def test_the_teacher_is_not_taught():
    student, teacher = Z.clone().requires_grad_(), T.clone().requires_grad_()
    distillation_loss(student, teacher, Y, 2.0, 0.5).backward()
    assert student.grad is not None and teacher.grad is None


@pytest.mark.parametrize("change", [{"labels": Y[:3]}, {"labels": Y.double()}, {"student": Z[0], "teacher": T[0]}])
def test_other_shapes_are_refused_in_a_sentence(change):
    with pytest.raises(ValueError, match=r"should be .*got"):
        distillation_loss(**({"student": Z, "teacher": T, "labels": Y, "share": 0.5} | change))


def test_no_rows_have_no_mean():
    with pytest.raises(ValueError, match="at least one row"):
        distillation_loss(Z[:0], T[:0])
